import type { Call, Plan, Retry, Step } from '../../workflows/core/plan.ts';
import type { RunInput } from '../../workflows/core/run.ts';
import type { Node } from '../../workflows/domain/site.ts';

/** Plans as the compiler leaves them, in few words. */
export const once: Retry = { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null };

export function stepOf(id: string, call: Call, fields: Partial<Step> = {}): Step {
  return {
    id,
    title: id,
    needs: [],
    when: null,
    each: null,
    batch: null,
    max_failures: { count: 0 },
    risk: 'read',
    idempotent: true,
    lock: null,
    timeout_ms: 60_000,
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

/** Steps one after the other, unless a step says what it needs. */
export function planOf(steps: readonly Step[], fields: Partial<Plan> = {}): Plan {
  const chained = steps.map((step, index) => (step.needs.length > 0 || index === 0 ? step : { ...step, needs: [steps[index - 1]!.id] }));
  return {
    runbook: 'test',
    version: 1,
    title: 'Test',
    owner: 'tests',
    severity: 'general',
    objectives: { rto_ms: null, rpo_ms: null },
    triggers: [],
    inputs: {},
    secrets: {},
    targets: {},
    lock: [],
    escalation: { fatal: [], severe: [], general: [] },
    checks: { before: [], after: [] },
    steps: chained,
    on_failure: [],
    finally: [],
    drill: null,
    ...fields,
  };
}

export function inputOf(run: string, plan: Plan, fields: Partial<RunInput> = {}): RunInput {
  return {
    run,
    incident: null,
    plan,
    plan_hash: 'h',
    engine_version: 1,
    inputs: {},
    targets: {},
    alarm: null,
    by: 'ops',
    reason: 'test',
    mode: 'live',
    hold: null,
    ...fields,
  };
}

export function nodeOf(name: string): Node {
  return { name, address: '127.0.0.1', tags: [], vars: {} };
}
