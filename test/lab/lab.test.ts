import { createSshPool } from '../../activities/platform/ssh/pool.ts';
import { createLab } from './lab.ts';
import type { Lab } from './spec.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await createLab({ hosts: [{ name: 'web1', services: { shop: 8080 } }, { name: 'web2' }, { name: 'lb1', tags: ['lb'] }] });
});
afterAll(() => lab?.stop());

test('a lab host answers over ssh under its own name', async () => {
  const pool = createSshPool({ lookup: (name) => lab.hosts.find((host) => host.name === name) });

  const answers = await Promise.all(
    lab.hosts.map((host) => pool.exec(host, { argv: ['sh', '-c', 'hostname; cat /proc/sys/kernel/random/boot_id'], timeout_ms: 5_000 })),
  );

  expect(answers.map((answer) => answer.exit)).toEqual([0, 0, 0]);
  if (lab.kind === 'namespaces') expect(answers.map((answer) => answer.stdout.toString().split('\n')[0])).toEqual(['web1', 'web2', 'lb1']);
  pool.close();
});

test('a service of a lab host starts, answers on the service address, and stops', async () => {
  const svc = String(lab.host('web1').vars['svc']);

  const started = await lab.exec('web1', [svc, 'start', 'shop']);
  const page = await fetch(`http://${String(lab.host('web1').vars['service_address'])}:8080/`);

  expect(started).toMatchObject({ code: 0 });
  expect(await page.json()).toMatchObject({ service: 'shop', host: 'web1', healthy: true });
  expect(await lab.exec('web1', [svc, 'stop', 'shop'])).toMatchObject({ code: 0 });
  expect(await lab.exec('web1', [svc, 'status', 'shop'])).toMatchObject({ code: 3, stdout: 'stopped\n' });
});
