import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../../../worker/services/part.ts';
import { readyMessage } from '../../../worker/services/part.ts';
import { makePlace } from '../../../worker/services/place.ts';
import type { PartName, Place } from '../../../worker/services/place.ts';
import { isAlive, processId, spawnBound } from '../../../worker/services/process.ts';
import { readState, writeState } from '../../../worker/services/state.ts';
import { testFolder } from '../../support/folder.ts';
import { supervise } from '../../../worker/services/supervisor.ts';
import type { Supervisor } from '../../../worker/services/supervisor.ts';

/** A part that says it is ready, and writes its name into `order` when it is told to end. */
function fakePart(place: Place, name: PartName, body = ''): Part {
  const script = `
    const { appendFileSync } = require('node:fs');
    process.on('SIGTERM', () => { appendFileSync(${JSON.stringify(join(place.data, 'order'))}, ${JSON.stringify(`${name}\n`)}); process.exit(0); });
    setInterval(() => {}, 1000); ${body} ; process.send({ tocsin: 'ready' });`;
  return {
    name,
    port: null,
    stop: { signal: 'SIGTERM', grace_ms: 3_000 },
    launch: async (log) =>
      spawnBound({ command: process.execPath, args: ['-e', script], stdio: ['ignore', log, log, 'ipc'], onParentDeath: 'SIGTERM' }),
    ready: (child) => readyMessage(child, 10_000),
  };
}

const all: readonly PartName[] = ['records', 'engine', 'worker', 'server'];
let place: Place;
let said: string[];
let running: Supervisor | null;

beforeEach(() => {
  place = makePlace(testFolder('supervisor'));
  said = [];
  running = null;
});
afterEach(async () => {
  await running?.stop();
});

const start = (parts: readonly Part[]) => supervise({ place, parts, say: (line) => void said.push(line) });

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let n = 0; n < 400; n += 1) {
    if (condition()) return;
    await sleep(25);
  }
  throw new Error(`${what}: not within 10 s; said: ${said.join(' / ')}`);
}

test('a killed part comes back by itself, and says so', async () => {
  running = await start(all.map((name) => fakePart(place, name)));
  const before = running.pid('worker')!;

  process.kill(before, 'SIGKILL');
  await until(() => said.some((line) => line.startsWith('the worker came back')), 'worker comes back');

  expect(running.pid('worker')).not.toBe(before);
  expect(readState(place, 'worker')).toMatchObject({ state: 'running', restarts: 1, last_end: 'signal SIGKILL' });
  expect(said).toContainEqual('the worker ended (signal SIGKILL): starting it again in 0.1 s');
});

test('the end comes in order: server, worker, engine, records', async () => {
  running = await start(all.map((name) => fakePart(place, name)));

  await running.stop();

  expect(readFileSync(join(place.data, 'order'), 'utf8').trim().split('\n')).toEqual(['server', 'worker', 'engine', 'records']);
});

test('a part that cannot start ends what is up already and tells why', async () => {
  const broken = fakePart(place, 'worker', `console.error('no such queue'); process.exit(3)`);

  await expect(start([fakePart(place, 'engine'), broken])).rejects.toMatchObject({
    code: 'E-PART-START',
    message: expect.stringContaining('no such queue'),
  });

  expect(readFileSync(join(place.data, 'order'), 'utf8')).toBe('engine\n');
});

test('a part that dies again and again is tried ever more slowly', async () => {
  const counter = join(place.data, 'count');
  const body = `const f=${JSON.stringify(counter)}; const fs=require('node:fs'); const n=fs.existsSync(f)?Number(fs.readFileSync(f,'utf8')):0; fs.writeFileSync(f,String(n+1)); if (n>0 && n<4) process.exit(9)`;
  running = await start([fakePart(place, 'worker', body)]);

  process.kill(running.pid('worker')!, 'SIGKILL');
  await until(() => said.some((line) => line.startsWith('the worker came back')), 'worker comes back');

  expect(said.filter((line) => line.includes('again in')).map((line) => /in ([\d.]+) s/.exec(line)?.[1])).toEqual([
    '0.1',
    '0.2',
    '0.4',
    '0.8',
  ]);
});

test('a second start of the same site is refused and names the first', async () => {
  running = await start([fakePart(place, 'engine')]);

  await expect(start([fakePart(place, 'engine')])).rejects.toMatchObject({
    code: 'E-ALREADY-UP',
    message: expect.stringContaining(String(process.pid)),
  });
});

test('a lock and a state of a dead supervisor never need a hand', async () => {
  const dead = { pid: 999_999_9, born: 'boot/1' };
  writeFileSync(place.lock('engine'), JSON.stringify(dead));
  writeState(place, {
    name: 'engine',
    state: 'running',
    process: dead,
    supervisor: dead,
    since: '',
    restarts: 0,
    last_end: null,
    port: null,
  });

  running = await start([fakePart(place, 'engine')]);

  expect(running.pid('engine')).not.toBeNull();
});

test('a pid that went to somebody else is left alone', async () => {
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
  const dead = { pid: stranger.pid!, born: 'another boot/1' };
  writeFileSync(place.lock('engine'), JSON.stringify(dead));
  writeState(place, {
    name: 'engine',
    state: 'running',
    process: dead,
    supervisor: dead,
    since: '',
    restarts: 0,
    last_end: null,
    port: null,
  });

  running = await start([fakePart(place, 'engine')]);

  expect(isAlive(processId(stranger.pid!)!)).toBe(true);
  stranger.kill();
});

test('what a killed supervisor left behind is ended before the new start', async () => {
  const left = spawn('sleep', ['60'], { stdio: 'ignore' });
  const id = processId(left.pid!)!;
  writeState(place, {
    name: 'engine',
    state: 'running',
    process: id,
    supervisor: { pid: 1, born: 'gone/1' },
    since: '',
    restarts: 0,
    last_end: null,
    port: null,
  });

  running = await start([fakePart(place, 'engine')]);

  expect(isAlive(id)).toBe(false);
  expect(said[0]).toBe('ended what an earlier start left behind: engine');
});

test('children do not outlive a supervisor that was killed with -9', async () => {
  const script = `
    const { spawnBound } = require(${JSON.stringify(join(__dirname, '../../../dist/worker/services/process.js'))});
    const child = spawnBound({ command: 'sleep', args: ['60'], stdio: 'ignore', onParentDeath: 'SIGTERM' });
    process.stdout.write(String(child.pid)); setInterval(() => {}, 1000);`;
  const supervisor = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(await new Promise<string>((resolve) => supervisor.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))));
  const child = processId(pid)!;

  supervisor.kill('SIGKILL');

  await until(() => !isAlive(child), 'child ends');
});

test('a port that is taken is named with its holder and the setting to change', async () => {
  const { requireFreePort } = await import('../../../worker/services/taken.ts');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };

  await expect(requireFreePort(port, 'engine.port', 'engine')).rejects.toMatchObject({
    code: 'E-PORT-TAKEN',
    message: expect.stringMatching(new RegExp(`port ${port} of 127.0.0.1 is taken by pid ${process.pid} `)),
    hint: expect.stringContaining('"engine.port" in site.yaml'),
  });
  server.close();
});
