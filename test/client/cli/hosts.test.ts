import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLab } from '../../lab/lab.ts';
import { inventoryText } from '../../lab/inventory.ts';
import type { Lab } from '../../lab/spec.ts';
import { testSite, tocsin, type Ran, type TestSite } from './support.ts';

let lab: Lab;
let site: TestSite;

beforeAll(async () => {
  lab = await createLab({ hosts: [{ name: 'web-1' }, { name: 'web-2' }] });
  // Nothing is pinned yet: the keys of the lab are left out, and a file of the site takes their place.
  const hosts = lab.hosts.map((host) => ({ ...host, host_keys: [] }));
  site = testSite('http://127.0.0.1:9', { 'hosts.yaml': `defaults: { known_hosts: known_hosts }\n${inventoryText(hosts)}` });
}, 60_000);

afterAll(async () => {
  site?.close();
  await lab?.stop();
});

function run(...args: string[]): Promise<Ran> {
  return tocsin(args, { env: { TOCSIN_SITE: site.folder, USER: process.env['USER'] ?? 'root' } });
}

const pins = (): string => readFileSync(join(site.folder, 'known_hosts'), 'utf8');

test('an unknown host key is refused with the command that pins it; pinned by an explicit act, the host is reached', async () => {
  const before = await run('hosts', 'check', 'web-1');
  expect(before.code).toBe(9);
  expect(before.out + before.err).toContain('tocsin hosts pin web-1');

  const unasked = await run('hosts', 'pin', 'web-1');
  expect(unasked.code).toBe(8);

  const pinned = await run('hosts', 'pin', 'web-1', '--yes');
  expect(pinned.code).toBe(0);
  expect(pinned.err).toMatch(/web-1 {2}ssh-ed25519 {2}SHA256:[A-Za-z0-9+/]{43}/);
  expect((await run('hosts', 'check', 'web-1')).code).toBe(0);

  const again = await run('hosts', 'pin', 'web-1');
  expect(again).toMatchObject({ code: 0, out: 'web-1 is pinned with the same key already\n' });
});

test('a changed host key is refused by check and by pin; --replace changes that host alone', async () => {
  await run('hosts', 'pin', 'web-1', 'web-2', '--yes');
  const other = pins()
    .split('\n')
    .find((line) => line.includes('web-2'));
  await lab.newHostKey('web-1');

  const checked = await run('hosts', 'check', 'web-1');
  const refused = await run('hosts', 'pin', 'web-1', '--yes');
  expect(checked.code).toBe(9);
  expect(checked.out).toContain('HOST KEY CHANGED');
  expect(refused.code).toBe(8);
  expect(refused.err).toContain('--replace');

  expect((await run('hosts', 'pin', 'web-1', '--replace', '--yes')).code).toBe(0);
  expect((await run('hosts', 'check')).code).toBe(0);
  expect(pins()).toContain(other);
});

test('an unknown name is answered with the nearest one', async () => {
  const ran = await run('hosts', 'pin', 'wbe-1');

  expect(ran.code).toBe(5);
  expect(ran.err).toContain('did you mean: web-1');
});
