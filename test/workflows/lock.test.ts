import { randomUUID } from 'node:crypto';
import { inputOf, planOf, stepOf } from '../support/runs.ts';
import { fakeActivities, fine, openBench } from '../support/worker.ts';
import type { Bench, Hand } from '../support/worker.ts';
import { queries, updates, workflowIds } from '../../workflows/messages.ts';
import type { RunView } from '../../workflows/messages.ts';
import type { Outcome, Perform } from '../../workflows/core/run.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench('locks');
}, 60_000);
afterAll(() => bench.close());

const name = () => `t-${randomUUID().slice(0, 8)}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function start(run: string, lock: string, count = 1) {
  const steps = Array.from({ length: count }, (_, index) => stepOf(`act${index}`, { kind: 'ssh', args: {} }, { risk: 'change' }));
  return bench.client.workflow.start('runRunbook', {
    workflowId: workflowIds.run(run),
    taskQueue: bench.queue,
    args: [inputOf(run, planOf(steps, { lock: [lock] }))],
  });
}

/** Notes who acts when, and shouts when two act at once. */
function witness(ms: number) {
  const inside = new Set<string>();
  const order: string[] = [];
  let together = 0;
  const ssh: Hand = async (perform: Perform): Promise<readonly Outcome[]> => {
    inside.add(perform.run);
    if (!order.includes(perform.run)) order.push(perform.run);
    together = Math.max(together, inside.size);
    await pause(ms);
    inside.delete(perform.run);
    return fine(perform, { exit: 0 });
  };
  return { ssh, order, together: () => together };
}

test('runs that need one lock work one after the other, in the order they asked, with growing fence numbers', async () => {
  const lock = name();
  const seen = witness(150);
  const { told, activities } = fakeActivities({ ssh: seen.ssh });
  const runs = [name(), name(), name(), name()];

  await bench.during(activities, async () => {
    const handles = [];
    for (const run of runs) {
      handles.push(await start(run, lock, 2));
      await pause(250);
    }
    for (const handle of handles) expect(await handle.result()).toMatchObject({ status: 'ok' });
  });

  expect(seen.order).toEqual(runs);
  expect(seen.together()).toBe(1);
  const fences = runs.map(
    (run) =>
      told.records
        .filter((record) => record.run === run)
        .flatMap((record) => record.notes)
        .find((note) => note.code.startsWith('lock') && typeof note.values['fence'] === 'number')?.values['fence'] as number,
  );
  expect(fences).toEqual([...fences].sort((a, b) => a - b));
  expect(new Set(fences).size).toBe(runs.length);
}, 60_000);

test('a holder that was terminated loses the lock, and the next one goes on within seconds', async () => {
  const lock = name();
  let hold = true;
  const { activities } = fakeActivities({
    notify: (perform) => fine(perform),
    ssh: async (perform) => {
      while (hold && perform.run === 'dead') await pause(50);
      return fine(perform, { exit: 0 });
    },
  });
  const first = `dead-${name()}`;

  await bench.during(activities, async () => {
    const approve = stepOf('agree', { kind: 'approve', args: { ask: 'Go?', by: { role: 'ops' } } }, { timeout_ms: null });
    const holder = await bench.client.workflow.start('runRunbook', {
      workflowId: workflowIds.run(first),
      taskQueue: bench.queue,
      args: [inputOf(first, planOf([approve], { lock: [lock] }))],
    });
    while ((await holder.query<RunView>(queries.state)).steps[0]?.status !== 'waiting') await pause(50);
    const waiter = await start(name(), lock);
    await pause(300);
    await holder.terminate('test');
    const began = Date.now();
    expect(await waiter.result()).toMatchObject({ status: 'ok' });
    expect(Date.now() - began).toBeLessThan(15_000);
  });
  hold = false;
}, 60_000);

test('a run that is aborted while it waits leaves the queue', async () => {
  const lock = name();
  const seen = witness(1_500);
  const { activities } = fakeActivities({ ssh: seen.ssh });
  const [one, two, three] = [name(), name(), name()];

  await bench.during(activities, async () => {
    const first = await start(one, lock);
    await pause(400);
    const second = await start(two, lock);
    await pause(200);
    const third = await start(three, lock);
    await second.executeUpdate(updates.runMove, { args: [{ id: 'm', by: 'ann', reason: 'test', kind: 'abort' }] });
    expect(await second.result()).toMatchObject({ status: 'aborted' });
    await first.result();
    expect(await third.result()).toMatchObject({ status: 'ok' });
  });

  expect(seen.order).toEqual([one, three]);
  expect(seen.together()).toBe(1);
}, 60_000);
