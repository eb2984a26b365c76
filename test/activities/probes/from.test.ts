import { createSshPool } from '../../../activities/platform/ssh/pool.ts';
import type { SshPool } from '../../../activities/platform/ssh/pool.ts';
import { probe } from '../../../activities/steps/probe.ts';
import { createLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/spec.ts';
import { act, siteOf } from '../../support/hands.ts';

let lab: Lab;
let ssh: SshPool;
beforeAll(async () => {
  lab = await createLab({ hosts: [{ name: 'near' }, { name: 'far' }] });
  ssh = createSshPool({ lookup: () => undefined });
}, 60_000);
afterAll(async () => {
  ssh?.close();
  await lab?.stop();
});

const look = (args: { [key: string]: string }) =>
  act(probe, { args: { from: 'near', ...args }, deps: { site: () => siteOf({ hosts: lab.hosts }), ssh } });

test('a node looks at another over ssh, whatever tools it has', async () => {
  const { address, port } = lab.host('far');

  expect(await look({ tcp: `far:${port}` })).toMatchObject({ ok: true, result: { up: true, ms: expect.any(Number) } });
  expect(await look({ tcp: `${address}:9` })).toMatchObject({ ok: false, ran: 'yes', result: { up: false } });
  expect(await look({ ping: 'far' })).toMatchObject({ ok: true, result: { up: true } });
}, 30_000);

test('a node that cannot be reached, and an unknown one, are said apart from a probe that fails', async () => {
  expect(await look({ tcp: 'far:22', from: 'nowhere' })).toMatchObject({
    ok: false,
    ran: 'no',
    problem: { kind: 'refused', message: expect.stringContaining('nowhere') },
  });
  await lab.powerOff('near');
  expect(await look({ tcp: 'far:22' })).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'unreachable' } });
}, 60_000);
