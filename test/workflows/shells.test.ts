import { Runtime, DefaultLogger, Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { openAnswers } from '../../workflows/core/simulate/answers.ts';
import type { Answer } from '../../workflows/core/simulate/answers.ts';
import { simulate } from '../../workflows/core/simulate/index.ts';
import type { Script, Simulated } from '../../workflows/core/simulate/index.ts';
import { randomFrom } from '../../workflows/core/simulate/random.ts';
import type { Plan, Step } from '../../workflows/core/plan.ts';
import type { Move, Note, Perform, RunInput } from '../../workflows/core/run.ts';
import { updates, workflowIds } from '../../workflows/messages.ts';
import { inputOf, nodeOf, planOf, stepOf } from '../support/runs.ts';
import { timeSkipping } from '../support/temporal.ts';
import { fakeActivities, notesOf, workflows } from '../support/worker.ts';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'error', forward: {} } } });
  env = await timeSkipping();
}, 120_000);
afterAll(async () => env?.teardown());

const kinds = ['ssh', 'copy', 'sql', 'http', 'probe', 'notify', 'record', 'report'];
const act = (id: string, fields: Partial<Step> = {}) =>
  stepOf(id, { kind: 'ssh', args: { on: 'web', run: ['x'] } }, { risk: 'change', idempotent: false, heartbeat_ms: 3_600_000, ...fields });
const undo = {
  call: { kind: 'ssh', args: { on: 'web', run: ['back'] } },
  expect: null,
  retry: { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null },
  timeout_ms: 60_000,
};
const ask = { call: { kind: 'ssh', args: { on: 'web', run: ['is'] } }, expect: 'result.exit == 0' };

/** The same answers for both shells, drawn in the order in which the simulated one asked for them. */
function answersOf(plan: Plan, script: Script, seed: number, simulated: Simulated): ReadonlyMap<string, Answer> {
  const answers = openAnswers(plan, script, randomFrom(seed));
  return new Map(
    simulated.actions.flatMap(({ action }) =>
      action.type === 'perform' ? [[action.perform.id, answers.to(action.perform)] as const] : [],
    ),
  );
}

let count = 0;
async function durable(input: RunInput, script: Script, answers: ReadonlyMap<string, Answer>): Promise<readonly Note[]> {
  const unasked: string[] = [];
  const hand = async (perform: Perform) => {
    const answer = answers.get(perform.id);
    if (answer === undefined) unasked.push(perform.id);
    await env.sleep(answer?.after_ms ?? 1_000);
    return answer?.outcomes ?? [];
  };
  const { told, activities } = fakeActivities(Object.fromEntries(kinds.map((kind) => [kind, hand])));
  const taskQueue = `shells-${(count += 1)}`;
  const worker = await Worker.create({ connection: env.nativeConnection, taskQueue, workflowBundle: await workflows(), activities });
  await worker.runUntil(async () => {
    const handle = await env.client.workflow.start('runRunbook', { workflowId: workflowIds.run(input.run), taskQueue, args: [input] });
    for (const { at_ms, move } of script.moves ?? []) {
      await env.sleep(at_ms - (Number(await env.currentTimeMs()) - (await handle.describe()).startTime.getTime()));
      await handle.executeUpdate<unknown, [Move]>(updates.runMove, { args: [move], updateId: move.id });
    }
    await handle.result();
  });
  expect(unasked).toEqual([]);
  return notesOf(told.records, input.run);
}

/** What was decided, without what differs by nature: clocks to the millisecond and numbers of other locks. */
function decisions(notes: readonly Note[], start: number) {
  return notes.map(({ at, code, step, node, by, values }) => {
    const kept = Object.fromEntries(Object.entries(values).filter(([key, value]) => key !== 'fence' && typeof value !== 'number'));
    return { second: Math.round((at - start) / 1_000), code, step, node, by, values: kept };
  });
}

async function compare(input: RunInput, script: Script = {}, seed = 1): Promise<readonly Note[]> {
  const options = { input, script: { incident: false, ...script }, seed };
  const simulated = simulate(options);
  expect(simulated.stuck).toBeNull();
  const notes = await durable(input, options.script, answersOf(input.plan, options.script, seed, simulated));
  // Ties within a second may be told in either order where nothing depends on it; what was decided, and when, is the same.
  const sorted = (all: readonly Note[]) =>
    decisions(all, all[0]!.at)
      .map(({ second, ...rest }) => ({ ...rest, second }))
      .sort((a, b) => a.second - b.second || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const [ours, theirs] = [sorted(notes), sorted(simulated.notes)];
  expect(ours.map(({ second: _, ...rest }) => rest)).toEqual(theirs.map(({ second: _, ...rest }) => rest));
  ours.forEach(({ second }, index) => expect(Math.abs(second - theirs[index]!.second)).toBeLessThanOrEqual(2));
  return notes;
}

test('both shells decide the same for a run that goes well', async () => {
  const notes = await compare(
    inputOf(
      'same-ok',
      planOf([act('a'), act('b'), stepOf('pause', { kind: 'wait', args: { for: '30m' } }, { timeout_ms: null }), act('c')]),
    ),
  );
  expect(notes.at(-1)!.at - notes[0]!.at).toBeGreaterThanOrEqual(1_800_000);
}, 60_000);

test('both shells undo the same steps in the same order after a failure', async () => {
  const plan = planOf([act('a', { undo }), act('b', { undo }), act('c')], { on_failure: [{ do: 'undo' }] });
  const notes = await compare(inputOf('same-undo', plan), { faults: [{ at: 'c', fault: 'exit' }] });
  expect(notes.filter(({ code }) => code === 'undo.ok' || code === 'step.undone').map(({ step }) => step)).toEqual(['b', 'a']);
}, 60_000);

test('both shells retry, ask and escalate at the same minutes', async () => {
  const plan = planOf([
    act('a', { idempotent: true, retry: { max: 3, delay_ms: 60_000, backoff: 2, until: null, for_ms: null } }),
    act('b', { done_when: ask, idempotent: true, retry: { max: 2, delay_ms: 5_000, backoff: 1, until: null, for_ms: null } }),
    stepOf(
      'agree',
      { kind: 'approve', args: { ask: 'Go?', by: { role: 'ops', quorum: 1 }, on_timeout: 'approve' } },
      { timeout_ms: 900_000 },
    ),
  ]);
  await compare(inputOf('same-retry', plan), {
    faults: [
      { at: 'a', fault: 'unreachable', times: 2 },
      { at: 'b', fault: 'unknown', times: 1 },
    ],
  });
}, 60_000);

test('both shells fan out in the same waves', async () => {
  const web = Array.from({ length: 12 }, (_, index) => nodeOf(`w${index}`));
  const plan = planOf([act('a', { each: { target: 'web' }, batch: { count: 5 }, max_failures: { count: 2 } })], {
    targets: { web: { where: 'true', exactly: null, at_least: 1, pick: null } },
  });
  await compare(inputOf('same-waves', plan, { targets: { web } }), { faults: [{ at: 'a', node: 'w3', fault: 'exit' }] });
}, 60_000);

test('both shells do the same when people pause, resume and abort', async () => {
  const move = (id: string, kind: 'pause' | 'resume' | 'abort'): Move => ({ id, by: 'ann', reason: 'test', kind });
  const plan = planOf([
    act('a'),
    stepOf('pause', { kind: 'wait', args: { for: '10m' } }, { timeout_ms: null }),
    act('b', { undo }),
    stepOf('later', { kind: 'wait', args: { for: '1h' } }, { timeout_ms: null }),
    act('c'),
  ]);
  await compare(inputOf('same-moves', plan), {
    moves: [
      { at_ms: 60_000, move: move('m1', 'pause') },
      { at_ms: 120_000, move: move('m2', 'resume') },
      { at_ms: 1_200_000, move: move('m3', 'abort') },
    ],
  });
}, 60_000);

test.each([1, 2, 3, 4, 5, 6])(
  'both shells decide the same with faults by chance, seed %d',
  async (seed) => {
    const steps = ['a', 'b', 'c', 'd', 'e'].map((id) =>
      act(id, { undo, idempotent: true, retry: { max: 3, delay_ms: 10_000, backoff: 2, until: null, for_ms: null } }),
    );
    const plan = planOf(steps, { on_failure: [{ do: 'undo' }] });
    await compare(inputOf(`same-chance-${seed}`, plan), { chance: 0.3, moves: [] }, seed);
  },
  60_000,
);
