import { existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { freePorts } from '../../worker/services/ports.ts';
import { cachedBinary } from '../../worker/services/temporal/cache.ts';
import { waitForEngine } from '../../worker/services/temporal/engine.ts';
import { engineArguments } from '../../worker/services/temporal/flags.ts';
import type { Move, Perform } from '../../workflows/core/run.ts';
import { queries, updates, workflowIds } from '../../workflows/messages.ts';
import type { RunResult, RunView } from '../../workflows/messages.ts';
import { inputOf, nodeOf, planOf, stepOf } from '../support/runs.ts';
import { fakeActivities, fine, notesOf, openBench } from '../support/worker.ts';
import type { Bench } from '../support/worker.ts';

let server: ChildProcess;
let bench: Bench;
let address: string;

beforeAll(async () => {
  const binary = cachedBinary();
  if (!existsSync(binary)) throw new Error(`no Temporal server at ${binary}: run "npm test" once, it obtains one`);
  const [port, http_port, metrics_port] = (await freePorts(3)) as [number, number, number];
  // A server that finds a history long after 60 events, so that a test need not make 4,096.
  const few = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60'];
  server = spawn(binary, [...engineArguments({ port, http_port, metrics_port, file: null }), ...few], { stdio: 'ignore' });
  address = `127.0.0.1:${port}`;
  await waitForEngine(address);
  bench = await openBench('long', address);
}, 60_000);
afterAll(async () => {
  await bench?.close();
  server?.kill('SIGKILL');
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a run goes on as new where it is quiet: timers, locks, moves and the numbers of its notes go with it', async () => {
  const run = `t-${randomUUID().slice(0, 8)}`;
  const performed: string[] = [];
  const { told, activities } = fakeActivities({
    ssh: (perform) => {
      performed.push(perform.id);
      return fine(perform, { exit: 0 });
    },
    notify: (perform) => fine(perform),
  });
  const act = (id: string) => stepOf(id, { kind: 'ssh', args: {} }, { risk: 'change' });
  const steps = [
    ...Array.from({ length: 10 }, (_, index) => act(`a${index}`)),
    stepOf('agree', { kind: 'approve', args: { ask: 'Go?', by: { role: 'ops' } } }, { timeout_ms: null }),
    stepOf('wait', { kind: 'wait', args: { for: '2s' } }, { timeout_ms: null }),
    act('last'),
  ];

  const result = await bench.during(activities, async () => {
    const first = await bench.client.workflow.start('runRunbook', {
      workflowId: workflowIds.run(run),
      taskQueue: bench.queue,
      args: [inputOf(run, planOf(steps, { lock: [`lock-${run}`] }))],
    });
    const handle = bench.client.workflow.getHandle(workflowIds.run(run));
    while (
      (await handle.query<RunView>(queries.state)).steps.find(({ id }) => id === 'agree')?.status !== 'waiting' ||
      (await handle.describe()).runId === first.firstExecutionRunId
    )
      await pause(50);
    const move: Move = { id: 'once', by: 'ann', reason: 'test', kind: 'approve', step: 'agree' };
    await handle.executeUpdate<unknown, [Move]>(updates.runMove, { args: [move], updateId: 'once' });
    // The same answer of a person may be sent again to the next one of the chain.
    await handle.executeUpdate<unknown, [Move]>(updates.runMove, { args: [move], updateId: 'once' }).catch(() => undefined);
    const ended = (await handle.result()) as RunResult;
    const holder = bench.client.workflow.getHandle(workflowIds.lock(`lock-${run}`));
    expect((await holder.describe()).status.name).toBe('RUNNING');
    return ended;
  });

  expect(result.status).toBe('ok');
  expect(performed).toEqual([...steps.slice(0, 10).map(({ id }) => `${id}#1`), 'last#1']);
  const notes = notesOf(told.records, run);
  expect(notes.map(({ seq }) => seq)).toEqual(notes.map((_, index) => index + 1));
  expect(notes.filter(({ code }) => code === 'move.approve')).toHaveLength(1);
  const saves = told.records.map(({ save }) => save);
  expect(saves).toEqual([...saves].sort((a, b) => a - b));
}, 60_000);

test('a step on 1,000 hosts stays within what the engine takes, and every host has its outcome', async () => {
  const run = `t-${randomUUID().slice(0, 8)}`;
  const sizes: number[] = [];
  const asked = new Set<string>();
  const ssh = (perform: Perform) => {
    for (const { node } of perform.units) asked.add(node!);
    const outcomes = fine(perform, { exit: 0, stdout: 'x'.repeat(900), stderr: '' });
    sizes.push(JSON.stringify(outcomes).length);
    return outcomes;
  };
  const { told, activities } = fakeActivities({ ssh });
  const web = Array.from({ length: 1_000 }, (_, index) => nodeOf(`web-${index}`));
  const step = stepOf(
    'all',
    { kind: 'ssh', args: { on: 'web' } },
    { each: { target: 'web' }, risk: 'read', out: { text: '${{ result.stdout }}' } },
  );
  const input = inputOf(run, planOf([step], { targets: { web: { where: 'true', exactly: null, at_least: 1, pick: null } } }), {
    targets: { web },
  });
  const began = Date.now();

  const { result, bytes } = await bench.during(activities, async () => {
    const handle = await bench.client.workflow.start('runRunbook', {
      workflowId: workflowIds.run(run),
      taskQueue: bench.queue,
      args: [input],
    });
    const result = (await handle.result()) as RunResult;
    const { events } = await handle.fetchHistory();
    return { result, bytes: Number((await handle.describe()).historySize ?? 0) || (events?.length ?? 0) };
  });

  expect(result.status).toBe('ok');
  expect(asked.size).toBe(1_000);
  expect(Math.max(...sizes)).toBeLessThan(256_000);
  expect(told.records.at(-1)).toMatchObject({ view: { steps: [{ done: 1_000, of: 1_000, status: 'ok' }] } });
  expect(Math.max(...told.records.map((record) => JSON.stringify(record).length))).toBeLessThan(1_000_000);
  expect(bytes).toBeLessThan(10_000_000);
  expect(Date.now() - began).toBeLessThan(30_000);
}, 60_000);
