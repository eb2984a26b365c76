import { randomUUID } from 'node:crypto';
import type { Move, Outcome, RunInput } from '../../workflows/core/run.ts';
import type { Step } from '../../workflows/core/plan.ts';
import { queries, updates, workflowIds } from '../../workflows/messages.ts';
import type { MoveAnswer, RunResult, RunView } from '../../workflows/messages.ts';
import { inputOf, planOf, stepOf } from '../support/runs.ts';
import { fakeActivities, fine, notesOf, openBench } from '../support/worker.ts';
import type { Bench } from '../support/worker.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench('runs');
}, 60_000);
afterAll(() => bench.close());

const name = () => `t-${randomUUID().slice(0, 8)}`;
const ssh = (id: string, fields: Partial<Step> = {}) =>
  stepOf(id, { kind: 'ssh', args: { on: 'web-1', run: ['true'] } }, { risk: 'change', ...fields });

function start(input: RunInput) {
  return bench.client.workflow.start('runRunbook', { workflowId: workflowIds.run(input.run), taskQueue: bench.queue, args: [input] });
}
type Handle = Awaited<ReturnType<typeof start>>;
type Wanted = Move extends infer M ? (M extends Move ? Omit<M, 'id' | 'by' | 'reason'> : never) : never;

function move(handle: Handle, wanted: Wanted, id = randomUUID()): Promise<MoveAnswer> {
  return handle.executeUpdate<MoveAnswer, [Move]>(updates.runMove, {
    args: [{ id, by: 'ann', reason: 'test', ...wanted } as Move],
    updateId: id,
  });
}

async function until(handle: Handle, wanted: (view: RunView) => boolean): Promise<RunView> {
  for (;;) {
    const view = await handle.query<RunView>(queries.state);
    if (wanted(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
const statusOf = (view: RunView, step: string) => view.steps.find(({ id }) => id === step)?.status;

test('a run of five steps performs each once, in order, and tells the records all of it before it ends', async () => {
  const performed: string[] = [];
  const { told, activities } = fakeActivities({
    ssh: (perform) => {
      performed.push(perform.id);
      return fine(perform, { exit: 0, stdout: '', stderr: '' });
    },
  });
  const input = inputOf(name(), planOf(['a', 'b', 'c', 'd', 'e'].map((id) => ssh(id))));

  const result: RunResult = await bench.during(activities, async () => (await start(input)).result());

  expect(result).toMatchObject({ status: 'ok', problem: null });
  expect(performed).toEqual(['a#1', 'b#1', 'c#1', 'd#1', 'e#1']);
  const notes = notesOf(told.records, input.run);
  expect(notes.map((note) => note.seq)).toEqual(notes.map((_, index) => index + 1));
  expect(told.records.at(-1)).toMatchObject({ ended: { status: 'ok' }, next: null, view: { status: 'ok' } });
}, 60_000);

test('a person approves by an update; a move that is not possible is refused with the reason; a repeated one happens once', async () => {
  const { told, activities } = fakeActivities({ ssh: (perform) => fine(perform, { exit: 0 }), notify: (perform) => fine(perform) });
  const approve = stepOf('agree', { kind: 'approve', args: { ask: 'Go?', by: { role: 'ops', quorum: 1 } } }, { timeout_ms: null });
  const input = inputOf(name(), planOf([approve, ssh('act')]));

  await bench.during(activities, async () => {
    const handle = await start(input);
    await until(handle, (view) => statusOf(view, 'agree') === 'waiting');
    await expect(move(handle, { kind: 'approve', step: 'nowhere' })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('no step "nowhere"') },
    });
    const id = randomUUID();
    expect(await move(handle, { kind: 'approve', step: 'agree' }, id)).toMatchObject({ accepted: true });
    expect(await move(handle, { kind: 'approve', step: 'agree' }, id)).toMatchObject({ accepted: true });
    expect(await handle.result()).toMatchObject({ status: 'ok' });
  });

  expect(told.codes(input.run).filter((code) => code.startsWith('move.'))).toEqual(['move.approve agree']);
}, 60_000);

test('abort cancels what is under way and the run ends aborted once that has stopped', async () => {
  const stopped: string[] = [];
  const { activities } = fakeActivities({ ssh: stoppable(stopped) });
  const input = inputOf(name(), planOf([ssh('long', { heartbeat_ms: 2_000 }), ssh('never')]));

  const result = await bench.during(activities, async () => {
    const handle = await start(input);
    await until(handle, (view) => statusOf(view, 'long') === 'running');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await move(handle, { kind: 'abort' });
    return handle.result() as Promise<RunResult>;
  });

  expect(result.status).toBe('aborted');
  expect(stopped).toEqual(['long#1']);
}, 60_000);

test('cancelling the workflow is an abort', async () => {
  const stopped: string[] = [];
  const { told, activities } = fakeActivities({ ssh: stoppable(stopped) });
  const input = inputOf(name(), planOf([ssh('long', { heartbeat_ms: 2_000 })]));

  const result = await bench.during(activities, async () => {
    const handle = await start(input);
    await until(handle, (view) => statusOf(view, 'long') === 'running');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await handle.cancel();
    return handle.result() as Promise<RunResult>;
  });

  expect(result.status).toBe('aborted');
  expect(stopped).toEqual(['long#1']);
  expect(told.codes(input.run)).toContain('move.abort');
}, 60_000);

test('abort while no worker has the act: a hand goes there once more to stop it, and its answer counts', async () => {
  const visits: string[] = [];
  const lost = () => {
    throw new Error('the connection to the host is away');
  };
  const stopPerform = async (perform: Parameters<typeof fine>[0]): Promise<readonly Outcome[]> => {
    visits.push(perform.id);
    return perform.units.map(({ node }) => ({
      node,
      ok: false,
      result: null,
      problem: { kind: 'cancelled', message: 'gone', hint: null },
      ran: 'yes',
      seconds: 0,
    }));
  };
  const { activities } = fakeActivities({ ssh: lost }, { stopPerform });
  const input = inputOf(name(), planOf([ssh('long')]));

  const result = await bench.during(activities, async () => {
    const handle = await start(input);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await move(handle, { kind: 'abort' });
    return handle.result() as Promise<RunResult>;
  });

  expect(result.status).toBe('aborted');
  expect(visits).toEqual(['long#1']);
}, 60_000);

/** A hand that works until it is asked to stop, as a keyed job does. */
function stoppable(stopped: string[]) {
  return async (perform: Parameters<typeof fine>[0]): Promise<readonly Outcome[]> => {
    const { Context } = await import('@temporalio/activity');
    const context = Context.current();
    const beats = setInterval(() => context.heartbeat(), 200);
    await context.cancelled.catch(() => undefined);
    clearInterval(beats);
    stopped.push(perform.id);
    return perform.units.map((unit) => ({
      node: unit.node,
      ok: false,
      result: null,
      problem: { kind: 'cancelled', message: 'stopped', hint: null },
      ran: 'yes',
      seconds: 1,
    }));
  };
}

test('a mistake in the machine fails the run with a clear message instead of an endless retry', async () => {
  const { told, activities } = fakeActivities({ ssh: () => null as never });
  const input = inputOf(name(), planOf([ssh('a')]));

  await bench.during(activities, async () => {
    await expect((await start(input)).result()).rejects.toMatchObject({
      cause: { type: 'E-MACHINE', nonRetryable: true, message: expect.stringContaining(`Run "${input.run}"`) },
    });
  });

  expect(told.records.at(-1)).toMatchObject({
    ended: { status: 'failed', problem: { message: expect.stringContaining('the machine failed') } },
  });
}, 60_000);
