import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TocsinError } from '../../activities/platform/errors.ts';
import { doctor } from '../../worker/doctor.ts';
import { checkExposed } from '../../worker/doctor/engine.ts';
import { checkNode } from '../../worker/doctor/machine.ts';
import type { Host, Site } from '../../workflows/domain/site.ts';
import { emptySite } from '../support/site.ts';

const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] };
const look = (site: Site, more: NodeJS.ProcessEnv = {}) => doctor({ site: async () => site, env: { ...env, ...more } });
const lines = async (site: Site, check: string) => (await look(site)).filter((one) => one.check === check);

function listen(host: string): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, host, () => resolve({ server, port: (server.address() as { port: number }).port }));
  });
}

test('every line that fails says what mends it', async () => {
  const checks = await look(await emptySite());

  expect(checks.length).toBeGreaterThan(8);
  expect(checks.filter((one) => !one.ok && one.mend === '')).toEqual([]);
  expect(checks.filter((one) => !one.ok).map((one) => one.check)).toEqual(['operator token', 'mail', 'people']);
});

test('a site that cannot be read is one line with its own hint', async () => {
  const checks = await doctor({
    env,
    site: () => Promise.reject(new TocsinError('site.yaml:3: unknown key "hots"', { code: 'E-SITE', hint: 'Did you mean "hosts"?' })),
  });

  expect(checks.at(-1)).toEqual({ check: 'site', ok: false, found: 'site.yaml:3: unknown key "hots"', mend: 'Did you mean "hosts"?' });
});

test('a taken port names its holder and the setting', async () => {
  const { server, port } = await listen('127.0.0.1');
  const site = await emptySite({ records: { port } });

  expect(await lines(site, `port ${port}`)).toEqual([
    {
      check: `port ${port}`,
      ok: false,
      found: expect.stringContaining(`pid ${process.pid}`),
      mend: expect.stringContaining('"records.port" in site.yaml'),
    },
  ]);
  server.close();
});

test('an engine port that other machines could reach is told', async () => {
  const open = await listen('0.0.0.0');
  const closed = await listen('127.0.0.1');

  expect(checkExposed(open.port, 'engine port', 'close it')).toMatchObject({ ok: false, found: `${open.port} listens on 0.0.0.0` });
  expect(checkExposed(closed.port, 'engine port', 'close it')).toMatchObject({ ok: true });
  open.server.close();
  closed.server.close();
});

test('hosts without a pinned key are named with the command that pins it', async () => {
  const host = {
    name: 'db1',
    address: '127.0.0.1',
    tags: [],
    vars: {},
    port: 22,
    user: 'root',
    key: null,
    host_keys: [],
    known_hosts: null,
    jump: [],
    production: false,
    sql: null,
  } as Host;

  expect(await lines(await emptySite({ hosts: [host] }), 'host keys')).toEqual([
    expect.objectContaining({ ok: false, found: expect.stringContaining('db1'), mend: expect.stringContaining('tocsin hosts pin db1') }),
  ]);
});

test('a key or secret that others can read is told with the chmod', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-doctor-'));
  const key = join(folder, 'key');
  writeFileSync(key, 'secret', { mode: 0o644 });
  const host = { name: 'db1', key, host_keys: ['ssh-ed25519 AAAA'], known_hosts: null } as unknown as Host;
  const site = await emptySite({ hosts: [host], operator_token: { from: 'file', key } });

  expect(await lines(site, `ssh key ${key}`)).toEqual([expect.objectContaining({ ok: false, mend: `chmod 600 ${key}` })]);
  expect(await lines(site, 'operator token')).toEqual([expect.objectContaining({ ok: false, mend: `chmod 600 ${key}` })]);
  rmSync(folder, { recursive: true });
});

test('records elsewhere that do not answer are told without their password', async () => {
  const checks = await look(await emptySite(), { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/none' });

  expect(checks.find((one) => one.check === 'records')).toMatchObject({ ok: false, mend: expect.stringContaining('psql "$DATABASE_URL"') });
  expect(JSON.stringify(checks)).not.toContain('hunter2');
});

test('an old Node is told with the floor', () => {
  expect(checkNode('20.19.0')).toMatchObject({ ok: false, mend: expect.stringContaining('22.12') });
  expect(checkNode('22.12.0').ok).toBe(true);
});
