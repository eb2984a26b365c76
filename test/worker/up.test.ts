import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initSite } from '../../activities/platform/site/init.ts';
import { loadSite } from '../../activities/platform/site/index.ts';
import { placeOf } from '../../worker/services/place.ts';
import { freePorts } from '../../worker/services/ports.ts';
import { isAlive, processId, signal } from '../../worker/services/process.ts';
import type { ProcessId } from '../../worker/services/process.ts';
import { detach, down, status } from '../../worker/up.ts';
import type { Site } from '../../workflows/domain/site.ts';

// The real thing in processes of its own: compiled, detached, with only the part that starts quickest.
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], TOCSIN_PARTS: 'records' };
const daemon = join(__dirname, '..', '..', 'dist', 'worker', 'daemon.js');
let site: Site;
const said: string[] = [];
const start = () => detach({ site, env, say: (line) => void said.push(line), program: daemon });

beforeAll(async () => {
  // Closed to other accounts, as a folder below /root is: the records must find a place all the same.
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-up-'));
  await initSite(folder);
  const [listen, engine, http, metrics, records] = await freePorts(5);
  const file = join(folder, 'site.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8')
      .replace(/^listen:.*$/m, `listen: { port: ${listen} }`)
      .replace(/^engine:.*$/m, `engine: { port: ${engine}, http_port: ${http}, metrics_port: ${metrics} }`)
      .replace(/^records:.*$/m, `records: { port: ${records} }`),
  );
  const loaded = await loadSite(folder);
  expect(loaded.problems.filter(({ level }) => level === 'error')).toEqual([]);
  site = loaded.site!;
});

afterAll(async () => {
  await down({ site, say: () => undefined });
  const moved = join(placeOf(site.data).records, 'moved-to');
  if (existsSync(moved)) rmSync(readFileSync(moved, 'utf8').trim(), { recursive: true, force: true });
  rmSync(site.folder, { recursive: true, force: true });
});

const records = () => status(site).find((part) => part.name === 'records')!;
const supervisor = () => JSON.parse(readFileSync(placeOf(site.data).lock('records'), 'utf8')) as ProcessId;

test('up, detached, comes back when all is ready, and a second one is refused', async () => {
  const pid = await start();

  expect(supervisor().pid).toBe(pid);
  expect(records()).toMatchObject({ state: 'running', restarts: 0, port: site.records.port });
  expect(said.join('\n')).toMatch(/records is up/);
  await expect(start()).rejects.toMatchObject({ code: 'E-ALREADY-UP', hint: expect.stringContaining('tocsin down') });
}, 60_000);

test('a supervisor killed with -9 takes its parts along, and the next up needs no hand', async () => {
  const part = processId(records().pid!)!;

  signal(supervisor(), 'SIGKILL');
  await until(() => !isAlive(part));
  expect(records().state).toBe('down');
  await start();

  expect(records().state).toBe('running');
}, 60_000);

test('down ends it in order and answers what it ended', async () => {
  const part = processId(records().pid!)!;
  const keeper = supervisor();

  expect(await down({ site, say: () => undefined })).toEqual(['records']);

  expect([isAlive(part), isAlive(keeper)]).toEqual([false, false]);
  expect(readFileSync(placeOf(site.data).upLog, 'utf8')).toMatch(/SIGTERM: ending server, worker, engine, records\n.*all is down/);
}, 60_000);

async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 800 && !condition(); n += 1) await sleep(25);
  expect(condition()).toBe(true);
}
