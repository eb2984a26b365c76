/** Full runs per second of the machine in the simulated shell: 20 steps, people's clock to 55 minutes. */
import type { Call, Plan, Step } from '../workflows/core/plan.ts';
import type { RunInput } from '../workflows/core/run.ts';
import { simulate } from '../workflows/core/simulate/index.ts';
import { atLeast, percentile, round as short, type Bench } from './report.ts';

const minute = 60_000;
const once = { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null };

function step(id: string, call: Call, fields: Partial<Step>): Step {
  return {
    id,
    title: id,
    needs: [],
    when: null,
    each: null,
    batch: null,
    max_failures: { count: 0 },
    risk: 'change',
    idempotent: false,
    lock: null,
    timeout_ms: minute,
    heartbeat_ms: 30_000,
    retry: once,
    call,
    done_when: null,
    expect: null,
    out: {},
    undo: null,
    pivot: false,
    on_failure: null,
    drill: null,
    ...fields,
  };
}

const ssh = (...run: string[]): Call => ({ kind: 'ssh', args: { on: 'host', run } });

/** One of everything that costs: expressions, out, expect, retry, undo, an approval nobody answers for 55 minutes. */
function stepAt(index: number): Step {
  const id = `s${index}`;
  const needs = index === 0 ? [] : [`s${index - 1}`];
  if (index === 3)
    return step(
      id,
      { kind: 'approve', args: { ask: 'Promote ${{ targets.host.name }}?', by: { role: 'commander', quorum: 2 }, timeout: '10m' } },
      { needs, timeout_ms: null, risk: 'read' },
    );
  if (index % 5 === 1)
    return step(id, ssh('read', '${{ inputs.cluster }}'), {
      needs,
      risk: 'read',
      idempotent: true,
      expect: 'result.exit == 0',
      out: { code: '${{ result.exit }}' },
    });
  if (index % 5 === 2)
    return step(id, ssh('use', `\${{ steps.s${index - 1}.out.code }}`), {
      needs,
      when: `steps.s${index - 1}.out.code == 0`,
      undo: { call: ssh('back'), expect: null, retry: once, timeout_ms: minute },
    });
  return step(id, ssh('do', String(index)), {
    needs,
    idempotent: true,
    retry: { ...once, max: 3 },
    done_when: { call: ssh('is-done'), expect: 'result.exit == 0' },
  });
}

const tier = (after: number, to: string) => ({ after_ms: after * minute, to: [to], then: null });
const plan: Plan = {
  runbook: 'bench',
  version: 1,
  title: 'Bench',
  owner: 'ops',
  severity: 'fatal',
  objectives: { rto_ms: 60 * minute, rpo_ms: null },
  triggers: [],
  inputs: {},
  secrets: {},
  targets: { host: { where: 'true', exactly: 1, at_least: 1, pick: null } },
  lock: ['pg/${{ inputs.cluster }}'],
  escalation: { fatal: [tier(10, 'level_1'), tier(25, 'level_2'), tier(40, 'level_3'), tier(55, 'directors')], severe: [], general: [] },
  checks: { before: [], after: [] },
  steps: Array.from({ length: 20 }, (_, index) => stepAt(index)),
  on_failure: [{ do: 'undo' }],
  finally: [],
  drill: null,
};
const input: RunInput = {
  run: 'bench',
  incident: 'inc-1',
  plan,
  plan_hash: '',
  engine_version: 1,
  inputs: { cluster: 'main' },
  targets: { host: [{ name: 'db1', address: '10.0.0.1', tags: [], vars: {} }] },
  alarm: null,
  by: 'ops',
  reason: 'bench',
  mode: 'simulate',
  hold: null,
};
const vote = (at: number, by: string) => ({ at_ms: at * minute, move: { id: by, by, reason: 'go', kind: 'approve' as const, step: 's3' } });
const script = { moves: [vote(56, 'ann'), vote(57, 'bob')], faults: [{ at: 's5', fault: 'exit' as const, times: 1 }] };

function one(): void {
  const { state, pages } = simulate({ input, script });
  if (state.ended?.status !== 'ok' || !pages.some(({ at_ms }) => at_ms === 55 * minute))
    throw new Error(`the run of the bench ended ${state.ended?.status}, pages at ${pages.map(({ at_ms }) => at_ms).join(', ')}`);
}

interface Round {
  readonly wall: number;
  readonly core: number;
}

/** Runs per second of the clock, and per second of processor time: the second does not suffer from what else the machine does. */
function round(ms: number): Round {
  let count = 0;
  const began = process.hrtime.bigint();
  const used = process.cpuUsage();
  const until = began + BigInt(ms) * 1_000_000n;
  for (; process.hrtime.bigint() < until; count++) one();
  const { user, system } = process.cpuUsage(used);
  return { wall: (count * 1e9) / Number(process.hrtime.bigint() - began), core: (count * 1e6) / (user + system) };
}

export const bench: Bench = async ({ say }) => {
  say('warming up, then ten rounds of half a second');
  round(2_000);
  const rounds = Array.from({ length: 10 }, () => round(500));
  const { actions, events } = simulate({ input, script });
  const core = percentile(
    rounds.map((each) => each.core),
    0.5,
  );
  const wall = percentile(
    rounds.map((each) => each.wall),
    0.5,
  );
  return {
    figures: {
      runs_per_core_second_median: short(core),
      runs_per_core_second_best: short(Math.max(...rounds.map((each) => each.core))),
      runs_per_clock_second_median: short(wall),
      events_per_run: events.length,
      actions_per_run: actions.length,
      event_us_median: short(1e6 / core / events.length),
    },
    bars: [atLeast('full runs per second per core (median)', core, 1_000, 'runs/s')],
  };
};
