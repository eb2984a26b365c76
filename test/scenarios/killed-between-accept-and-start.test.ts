import { rmSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { migrate } from '../../activities/records/migrate.ts';
import { createPool, type Pool } from '../../activities/records/pool.ts';
import { freePort } from '../../worker/services/ports.ts';
import { freshDatabase, type Database } from '../support/postgres.ts';
import { startProgram, testTokens, until, writeSite, type Program } from '../support/processes.ts';
import { engine } from '../support/temporal.ts';

const runbook = `runbook: note_it
version: 1
title: Note the alarm
owner: ops
triggers:
  - alarm:
      match: alarm.name == "noted"
      with: { key: "\${{ alarm.labels.key }}" }
inputs:
  key: { type: string, required: true }
steps:
  - id: note
    record: { kind: noted, with: { key: "\${{ inputs.key }}" } }
`;

let database: Database;
let pool: Pool;
let connection: Connection;
let client: Client;
let site: string;
let port: number;
let env: Record<string, string>;
const programs: Program[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url });
  await migrate(pool);
  const { address } = await engine();
  // The engine is shared with other files: ids of this one must be its own.
  await pool.query(`alter sequence incident_number restart with ${Date.now()}`);
  connection = await Connection.connect({ address });
  client = new Client({ connection });
  port = await freePort();
  site = writeSite({ 'runbooks/note-it.yaml': runbook }, port);
  env = { TOCSIN_SITE: site, DATABASE_URL: database.url, TEMPORAL_ADDRESS: address };
}, 60_000);
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop('SIGKILL')));
  await connection.close();
  await pool.end();
  await database.close();
  rmSync(site, { recursive: true, force: true });
});

function start(entry: string, failpoint = ''): Program {
  const program = startProgram(entry, { ...env, TOCSIN_FAILPOINT: failpoint });
  programs.push(program);
  return program;
}
const server = (failpoint?: string) => start('client/http/main.js', failpoint);
const worker = (failpoint?: string) => start('worker/main.js', failpoint);

async function post(key: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/hooks/generic`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testTokens.monitor}` },
    body: JSON.stringify({ name: 'noted', labels: { key }, starts_at: '2026-11-24T06:00:00Z' }),
  });
  return answer.status;
}
async function serving(): Promise<Program> {
  const program = server();
  await until(
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status,
    (status) => status === 200,
  );
  return program;
}

/** Exactly one alarm, one incident, one run, one effect, and the workflows to them. */
async function exactlyOnce(key: string): Promise<void> {
  const effect = "select run, incident from record where values->>'key' = $1";
  const { rows } = await until(
    () => pool.query<{ run: string; incident: string }>(effect, [key]),
    (answer) => answer.rows?.length > 0,
    30_000,
  );
  const counts = await pool.query(
    "select (select count(*) from alarm where labels->>'key' = $1) as alarms, (select count(*) from incident i join alarm a on a.incident = i.id where a.labels->>'key' = $1) as incidents, (select count(*) from run where inputs->>'key' = $1) as runs, (select count(*) from record where values->>'key' = $1) as effects",
    [key],
  );
  expect(counts.rows[0]).toEqual({ alarms: 1, incidents: 1, runs: 1, effects: 1 });
  const { run, incident } = rows[0]!;
  await until(
    async () =>
      (
        await pool.query<{ started: boolean }>(
          'select i.started and r.started and a.delivered as started from incident i join run r on r.incident = i.id join alarm a on a.incident = i.id where i.id = $1',
          [incident],
        )
      ).rows[0]?.started,
    (started) => started === true,
  );
  expect((await client.workflow.getHandle(`run/${run}`).describe()).status.name).toMatch(/RUNNING|COMPLETED/);
  expect((await client.workflow.getHandle(`incident/${incident}`).describe()).status.name).toBe('RUNNING');
}

test('kill after the commit, before the answer: the sender repeats, and it happens once', async () => {
  const dying = server('accepted');
  await until(
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status,
    (status) => status === 200,
  );
  await expect(post('accepted')).rejects.toThrow('fetch failed');
  expect(await dying.ended).toBe('SIGKILL');
  const next = await serving();
  expect(await post('accepted')).toBe(202);
  const hands = worker();
  await exactlyOnce('accepted');
  await Promise.all([next.stop(), hands.stop()]);
}, 60_000);

test.each(['opened', 'run-started', 'incident-started'])(
  'kill -9 of the worker at "%s": the next one starts exactly one incident and run',
  async (point) => {
    const http = await serving();
    const dying = worker(point);
    expect(await post(point)).toBe(202);
    expect(await dying.ended).toBe('SIGKILL');
    const next = worker();
    await exactlyOnce(point);
    await Promise.all([http.stop(), next.stop()]);
  },
  60_000,
);

test('the engine is down at intake: 202 at once, dispatched when it comes', async () => {
  const http = startProgram('client/http/main.js', { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' });
  programs.push(http);
  await until(
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status,
    (status) => status === 200,
  );
  expect(await post('engine-down')).toBe(202);
  const hands = worker();
  await exactlyOnce('engine-down');
  expect(await http.stop()).toBe('0');
  expect(await hands.stop()).toBe('0');
}, 60_000);
