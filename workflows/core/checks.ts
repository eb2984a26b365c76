import { change, note, type Draft } from './draft.ts';
import { expressionsIn, references } from './cel.ts';
import { filled, isTrue } from './expressions.ts';
import { failRun } from './failure.ts';
import type { Check, Plan, Step } from './plan.ts';
import type { CheckState, RunState } from './state.ts';
import { addTask, dropTask } from './task.ts';

export const settledStep = new Set(['ok', 'failed', 'continued', 'skipped', 'undone']);

type When = 'before' | 'after';

function put(draft: Draft, when: When, index: number, part: Partial<CheckState>): void {
  const { checks } = draft.state;
  const list = checks[when].map((check, at) => (at === index ? { ...check, ...part } : check));
  change(draft, { checks: { ...checks, [when]: list } });
}

/** Asks what can be asked and settles what was answered. Gives whether all checks of that side are settled. */
export function runChecks(draft: Draft, when: When): boolean {
  const plan = draft.state.input.plan.checks[when];
  for (const [index, check] of plan.entries()) {
    if (draft.state.checks[when][index]!.status === 'waiting' && isReady(draft.state, check)) askCheck(draft, when, index, check);
    settle(draft, when, index, check);
  }
  return draft.state.checks[when].every(({ status }) => status === 'ok' || status === 'failed');
}

function isReady(state: RunState, check: Check): boolean {
  return check.after.every((id) => settledStep.has(state.steps[id]?.status ?? 'ok'));
}

function taskId(when: When, index: number): string {
  return `checks.${when}[${index}]`;
}

function askCheck(draft: Draft, when: When, index: number, check: Check): void {
  if (check.call === null) {
    const answer = isTrue(draft.state, check.expect ?? 'true', `expect of check ${index + 1} ${when} the steps`);
    if ('problem' in answer) return failed(draft, when, index, check, answer.problem.message);
    return answer.value ? passed(draft, when, index) : failed(draft, when, index, check, `"${check.expect}" is false`);
  }
  put(draft, when, index, { status: 'asked' });
  const { call, expect } = check;
  addTask(draft, taskId(when, index), {
    use: 'check',
    role: 'check',
    step: taskId(when, index),
    title: check.message ?? taskId(when, index),
    call,
    expect,
  });
}

function settle(draft: Draft, when: When, index: number, check: Check): void {
  const task = draft.state.tasks[taskId(when, index)];
  if (task === undefined || (task.status !== 'ok' && task.status !== 'failed')) return;
  dropTask(draft, taskId(when, index));
  if (task.status === 'ok') passed(draft, when, index);
  else failed(draft, when, index, check, task.problem?.message ?? 'no answer');
}

function passed(draft: Draft, when: When, index: number): void {
  put(draft, when, index, { status: 'ok' });
  note(draft, 'check.ok', { values: { when, number: index + 1 } });
}

function failed(draft: Draft, when: When, index: number, check: Check, reason: string): void {
  const own = check.message === null ? null : filled(draft.state, check.message, `message of check ${index + 1}`);
  const message = own !== null && 'value' in own && typeof own.value === 'string' ? own.value : (check.message ?? reason);
  put(draft, when, index, { status: 'failed', message });
  note(draft, 'check.failed', {
    values: { when, number: index + 1, message: own === null ? reason : `${message} (${reason})`, then: check.then },
  });
  if (check.then === 'stop')
    failRun(draft, null, { kind: 'expect', message: `check ${index + 1} ${when} the steps: ${message}`, hint: null });
}

interface Gates {
  /** Steps that a check waits for, directly or by `needs`: they cannot wait for that check. */
  readonly ahead: readonly ReadonlySet<string>[];
  readonly gated: ReadonlySet<string>;
}
const gatesOf = new WeakMap<Plan, Gates>();

/** Whether `checks.before` lets this step begin: one that only reads may, unless it reads the checks' result. */
export function isLetThrough(state: RunState, step: Step): boolean {
  const { plan } = state.input;
  if (plan.checks.before.length === 0) return true;
  let gates = gatesOf.get(plan);
  if (gates === undefined) {
    gates = {
      ahead: plan.checks.before.map((check) => ancestors(plan, check.after)),
      gated: new Set(plan.steps.filter(isGated).map(({ id }) => id)),
    };
    gatesOf.set(plan, gates);
  }
  if (!gates.gated.has(step.id)) return true;
  return state.checks.before.every(({ status }, index) => status === 'ok' || status === 'failed' || gates.ahead[index]!.has(step.id));
}

function isGated(step: Step): boolean {
  if (step.risk !== 'read') return true;
  const sources = [step.when, step.expect, step.retry.until, step.on_failure?.when ?? null].filter((source) => source !== null);
  const all = [...sources, ...expressionsIn(step.call.args), ...expressionsIn(step.out as Parameters<typeof expressionsIn>[0])];
  return all.some((source) => {
    try {
      return references(source).some(([root]) => root === 'checks');
    } catch {
      return true;
    }
  });
}

function ancestors(plan: Plan, ids: readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(plan.steps.find((step) => step.id === id)?.needs ?? []));
  }
  return found;
}
