import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initSite } from '../../activities/platform/site/init.ts';
import { query } from '../../worker/services/postgres/postmaster.ts';
import { freePort } from '../../worker/services/ports.ts';
import { processId, stopProcess } from '../../worker/services/process.ts';
import { freshDatabase } from '../support/postgres.ts';
import type { Database } from '../support/postgres.ts';
import { engine } from '../support/temporal.ts';

const dist = join(__dirname, '..', '..', 'dist');
const runbook = `runbook: apart
version: 1
title: A run that touches nothing
owner: on_duty
severity: general
steps:
  - { id: one, title: Say so, set: { text: "here" } }
  - { id: two, title: A moment, wait: { for: 1s } }
`;

let database: Database;
let site: string;
let url: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  site = mkdtempSync(join(tmpdir(), 'tocsin-apart-'));
  await initSite(site);
  writeFileSync(join(site, 'runbooks', 'apart.yaml'), runbook);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env['PATH'],
    HOME: site,
    TOCSIN_SITE: site,
    TOCSIN_LISTEN: `127.0.0.1:${port}`,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: (await engine()).address,
    TEMPORAL_NAMESPACE: 'default',
  };
  expect(await run('worker/migrate.js', env)).toBe(0);
  for (const entry of ['worker/main.js', 'client/http/main.js']) children.push(start(entry, env));
}, 60_000);

afterAll(async () => {
  for (const child of children) {
    const id = child.pid === undefined ? null : processId(child.pid);
    if (id) await stopProcess(id, { grace_ms: 15_000 });
  }
  await database?.close();
  rmSync(site, { recursive: true, force: true });
}, 60_000);

function start(entry: string, env: NodeJS.ProcessEnv): ChildProcess {
  const file = join(dist, entry);
  if (!existsSync(file)) throw new Error(`${file} is not built: npm run build`);
  return spawn(process.execPath, [file], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function run(entry: string, env: NodeJS.ProcessEnv): Promise<number | null> {
  return new Promise((resolve) => start(entry, env).once('exit', resolve));
}

test('worker and server work as processes of their own, on a Temporal and a PostgreSQL that nobody here started', async () => {
  await until(async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true);
  const token = readFileSync(join(site, 'secrets', 'operator.token'), 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  const body = JSON.stringify({ runbook: 'apart', inputs: {}, reason: 'to see it run', by: 'tester' });
  let answer: Response | null = null;

  // The runbooks are compiled while the server answers already.
  await until(async () => (answer = await fetch(`${url}/api/v1/runs`, { method: 'POST', headers, body })).status !== 503);

  expect(await answer!.json()).toMatchObject({ run: { runbook: 'apart', reason: 'to see it run' } });
  await until(async () => (await query(database.url, `select 1 from run where status = 'ok'`)).length === 1);
}, 60_000);

test('nothing of theirs is left in the data directory but what is in flight', () => {
  expect(existsSync(join(site, 'data', 'records'))).toBe(false);
  expect(existsSync(join(site, 'data', 'engine'))).toBe(false);
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 400; n += 1) {
    if (await condition()) return;
    await sleep(100);
  }
  throw new Error('not within 40 s');
}
