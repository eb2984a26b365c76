import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { IncidentInput, IncidentMove } from '../../workflows/core/people.ts';
import type { Move, Outcome, Perform, RunInput } from '../../workflows/core/run.ts';
import type { BindRequest } from '../../workflows/shell/children.ts';
import { queries, updates, workflowIds, workflowTypes } from '../../workflows/messages.ts';
import type { RunView } from '../../workflows/messages.ts';
import { inputOf, nodeOf, planOf, stepOf } from '../support/runs.ts';
import { fakeActivities, fine } from '../support/worker.ts';
import type { Bench } from '../support/worker.ts';

/** A small story whose histories are kept: every later version of the workflows must tell it the same way. */
export interface Scene {
  readonly name: string;
  /** Workflow ids whose histories are kept, by the name of their file. */
  readonly play: (bench: Bench) => Promise<{ readonly [file: string]: string }>;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const fresh = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
const act = (id: string, fields: Parameters<typeof stepOf>[2] = {}) =>
  stepOf(id, { kind: 'ssh', args: { on: 'web', run: ['true'] } }, { risk: 'change', idempotent: false, ...fields });
const approve = stepOf('agree', { kind: 'approve', args: { ask: 'Go?', by: { role: 'ops', quorum: 1 } } }, { timeout_ms: null });
const undo = {
  call: { kind: 'ssh', args: { on: 'web', run: ['back'] } },
  expect: null,
  retry: { max: 1, delay_ms: 100, backoff: 1, until: null, for_ms: null },
  timeout_ms: 60_000,
};

const pages = {
  page: async () => ({ delivered: ['ann'], failed: [] }),
  recordIncident: async () => undefined,
  writeReport: async () => undefined,
};

function begin(bench: Bench, input: RunInput) {
  return bench.client.workflow.start(workflowTypes.run, { workflowId: workflowIds.run(input.run), taskQueue: bench.queue, args: [input] });
}

function move(handle: WorkflowHandle, wanted: object) {
  const id = randomUUID();
  return handle.executeUpdate<unknown, [Move]>(updates.runMove, {
    args: [{ id, by: 'ann', reason: 'test', ...wanted } as Move],
    updateId: id,
  });
}

async function until(handle: WorkflowHandle, step: string, status: string): Promise<void> {
  while ((await handle.query<RunView>(queries.state)).steps.find(({ id }) => id === step)?.status !== status) await pause(30);
}

/** Answers everything; `fail` fails for good, `long` goes on until it is stopped. */
function hands() {
  const ssh = async (perform: Perform): Promise<readonly Outcome[]> => {
    if (perform.step.startsWith('fail'))
      return perform.units.map(({ node }) => ({
        node,
        ok: false,
        result: { exit: 1 },
        problem: { kind: 'exit', message: 'exit was 1', hint: null },
        ran: 'yes',
        seconds: 0.1,
      }));
    if (perform.step !== 'long') return fine(perform, { exit: 0, stdout: 'out', stderr: '' });
    const { Context } = await import('@temporalio/activity');
    const beats = setInterval(() => Context.current().heartbeat(), 200);
    await Context.current().cancelled.catch(() => undefined);
    clearInterval(beats);
    return perform.units.map(({ node }) => ({
      node,
      ok: false,
      result: null,
      problem: { kind: 'cancelled', message: 'stopped', hint: null },
      ran: 'yes',
      seconds: 1,
    }));
  };
  const bindRunbook = async (request: BindRequest) => inputOf(request.run, planOf([act('inner')]));
  return fakeActivities({ ssh, notify: (perform) => fine(perform, { delivered: [], failed: [] }) }, { bindRunbook, ...pages }).activities;
}

export const scenes: readonly Scene[] = [
  {
    name: 'run: steps, an approval, waits and retries',
    async play(bench) {
      const run = fresh('run-plain');
      const wait = stepOf('wait', { kind: 'wait', args: { for: '1s' } }, { timeout_ms: null });
      await bench.during(hands(), async () => {
        const handle = await begin(
          bench,
          inputOf(run, planOf([act('a'), approve, wait, act('b', { out: { code: '${{ result.exit }}' } })])),
        );
        await until(handle, 'agree', 'waiting');
        await move(handle, { kind: 'pause' });
        await move(handle, { kind: 'resume' });
        await move(handle, { kind: 'approve', step: 'agree' });
        await handle.result();
      });
      return { 'run-plain': workflowIds.run(run) };
    },
  },
  {
    name: 'run: a failure, undo in reverse order',
    async play(bench) {
      const run = fresh('run-undo');
      await bench.during(
        hands(),
        async () =>
          void (await (
            await begin(
              bench,
              inputOf(run, planOf([act('a', { undo }), act('b', { undo }), act('fail')], { on_failure: [{ do: 'undo' }] })),
            )
          ).result()),
      );
      return { 'run-undo': workflowIds.run(run) };
    },
  },
  {
    name: 'run: aborted in mid-step',
    async play(bench) {
      const run = fresh('run-abort');
      await bench.during(hands(), async () => {
        const handle = await begin(bench, inputOf(run, planOf([act('long', { heartbeat_ms: 2_000 }), act('b')])));
        await until(handle, 'long', 'running');
        await pause(300);
        await move(handle, { kind: 'abort' });
        await handle.result();
      });
      return { 'run-abort': workflowIds.run(run) };
    },
  },
  {
    name: 'run: many hosts in waves',
    async play(bench) {
      const run = fresh('run-waves');
      const web = Array.from({ length: 7 }, (_, index) => nodeOf(`w${index}`));
      const plan = planOf([act('a', { each: { target: 'web' }, batch: { count: 3 } })], {
        targets: { web: { where: 'true', exactly: null, at_least: 1, pick: null } },
      });
      await bench.during(hands(), async () => void (await (await begin(bench, inputOf(run, plan, { targets: { web } }))).result()));
      return { 'run-waves': workflowIds.run(run) };
    },
  },
  {
    name: 'run: a lock that two want, and a nested run',
    async play(bench) {
      const [one, two, lock] = [fresh('run-lock'), fresh('run-lock'), fresh('lock')];
      const nested = stepOf('nested', { kind: 'runbook', args: { name: 'inner', with: {} } }, { timeout_ms: null, risk: 'change' });
      await bench.during(hands(), async () => {
        const first = await begin(bench, inputOf(one, planOf([approve, nested], { lock: [lock] })));
        await until(first, 'agree', 'waiting');
        const second = await begin(bench, inputOf(two, planOf([act('a')], { lock: [lock] })));
        await pause(500);
        await move(first, { kind: 'approve', step: 'agree' });
        await first.result();
        await second.result();
      });
      return { 'run-lock-nested': workflowIds.run(one), 'run-lock-waits': workflowIds.run(two), lock: workflowIds.lock(lock) };
    },
  },
  {
    name: 'a scheduled run',
    async play(bench) {
      const id = fresh('schedule/check');
      const openScheduledRun = async ({ run }: { readonly run: string }) => inputOf(run, planOf([act('a')]));
      await bench.during({ ...hands(), openScheduledRun }, async () => {
        await bench.client.workflow.execute(workflowTypes.scheduled, {
          workflowId: id,
          taskQueue: bench.queue,
          args: [{ runbook: fresh('check'), when: 'every day' }],
        });
      });
      return { 'scheduled-run': id };
    },
  },
  {
    name: 'incident: paged, acknowledged, resolved',
    async play(bench) {
      const incident = fresh('inc');
      const tier = { after_ms: 500, to: ['level_1'], then: null };
      const input: IncidentInput = {
        incident,
        title: 'Test',
        severity: 'fatal',
        service: null,
        opened_at: Date.now(),
        tiers: { fatal: [tier], severe: [tier], general: [tier] },
        first: ['ops'],
        commander: 'ann',
        run: null,
        alarms: [],
        engine_version: 1,
      };
      await bench.during(hands(), async () => {
        const handle = await bench.client.workflow.start(workflowTypes.incident, {
          workflowId: workflowIds.incident(incident),
          taskQueue: bench.queue,
          args: [input],
        });
        await pause(1_200);
        for (const kind of ['acknowledge', 'resolve'] as const) {
          await handle.executeUpdate<unknown, [IncidentMove]>(updates.incidentMove, {
            args: [{ id: kind, by: 'ann', reason: 'test', kind }],
            updateId: kind,
          });
        }
        await handle.result();
      });
      return { incident: workflowIds.incident(incident) };
    },
  },
];
