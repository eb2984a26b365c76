import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentOf } from '../../worker/connections.ts';
import { startPlatform } from '../../worker/platform.ts';
import { placeOf } from '../../worker/services/place.ts';
import { query } from '../../worker/services/postgres/postmaster.ts';
import { processId, stopProcess } from '../../worker/services/process.ts';
import type { Supervisor } from '../../worker/services/supervisor.ts';
import { askEngine } from '../../worker/services/temporal/engine.ts';
import { down, status } from '../../worker/up.ts';
import type { Site } from '../../workflows/domain/site.ts';
import { emptySite } from '../support/site.ts';

let site: Site;
let running: Supervisor | null = null;
const said: string[] = [];
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] };

beforeAll(async () => {
  site = await emptySite();
});
beforeEach(() => void (said.length = 0));
afterEach(async () => {
  await running?.stop();
  running = null;
});
afterAll(() => rmSync(site.folder, { recursive: true, force: true }));

const start = (only: readonly ('records' | 'engine')[]) => startPlatform({ site, env, only, say: (line) => void said.push(line) });
const records = (sql: string) => query(environmentOf(site, env)['DATABASE_URL']!, sql);

test('records and engine come up on their ports, on loopback only, with tables and a stamp', async () => {
  running = await start(['records', 'engine']);

  expect(said).toEqual(expect.arrayContaining([expect.stringMatching(/^records is up/), expect.stringMatching(/^engine is up/)]));
  expect(await records('select count(*)::int > 0 as known from migration')).toEqual([{ known: true }]);
  expect(await askEngine(`127.0.0.1:${site.engine.port}`)).toMatchObject({ serverVersion: expect.stringMatching(/^1\./) });
  expect(JSON.parse(readFileSync(`${placeOf(site.data).engineFile}.stamp.json`, 'utf8'))).toMatchObject({ generation: expect.any(String) });
  expect(existsSync(`${placeOf(site.data).engineFile}-wal`)).toBe(true);
  expect(
    status(site)
      .filter((part) => part.state === 'running')
      .map((part) => part.name),
  ).toEqual(['records', 'engine']);
}, 60_000);

test('records that were killed come back with what was committed', async () => {
  running = await start(['records']);
  await records('create table kept as select 7 as n');

  await stopProcess(processId(running.pid('records')!)!, { signal: 'SIGKILL' });
  await until(() => said.some((line) => line.startsWith('the records came back')));

  expect(await records('select n from kept')).toEqual([{ n: 7 }]);
}, 60_000);

test('a postmaster.pid that names a stranger does not stop the records', async () => {
  const file = join(placeOf(site.data).records, 'data', 'postmaster.pid');
  writeFileSync(file, `${process.pid}\n${join(placeOf(site.data).records, 'data')}\n1\n${site.records.port}\n\n127.0.0.1\n  1 1\nready\n`);

  running = await start(['records']);

  expect(await records('select 1 as one')).toEqual([{ one: 1 }]);
}, 60_000);

test('a taken port stops the start with the port, its holder and the setting', async () => {
  const server = createServer().listen(site.records.port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));

  await expect(start(['records'])).rejects.toMatchObject({
    code: 'E-PORT-TAKEN',
    message: expect.stringContaining(`pid ${process.pid}`),
    hint: expect.stringContaining('records.port'),
  });

  server.close();
});

test('an engine file of another generation is refused, and says what to do', async () => {
  const stamp = `${placeOf(site.data).engineFile}.stamp.json`;
  const before = readFileSync(stamp, 'utf8');
  writeFileSync(stamp, JSON.stringify({ generation: '1.31', server: '1.32.2', created: '', opened_by: '1.32.2' }));

  await expect(start(['engine'])).rejects.toMatchObject({ code: 'E-ENGINE-GENERATION', hint: expect.stringContaining('TOCSIN_TEMPORAL') });

  writeFileSync(stamp, 'not json');
  await expect(start(['engine'])).rejects.toMatchObject({ code: 'E-ENGINE-STAMP' });
  writeFileSync(stamp, before);
});

test('down ends nothing twice and answers what was running', async () => {
  expect(await down({ site, say: () => undefined })).toEqual([]);
});

async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 800 && !condition(); n += 1) await sleep(25);
  expect(said.join('\n')).toBe(condition() ? said.join('\n') : 'the awaited line');
}
