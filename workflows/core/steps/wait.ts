import type { Json, Moment } from '../../domain/words.ts';
import { changeStep, note, setTimer, type Draft } from '../draft.ts';
import { durationMs } from '../../domain/duration.ts';
import { filled, valueOf } from '../expressions.ts';
import { fail, succeed } from '../finish.ts';
import type { Step } from '../plan.ts';

function isMoment(text: string): boolean {
  return /^\d{4}-\d\d/.test(text) && !Number.isNaN(Date.parse(text));
}

/** `wait: {for}` a time, or `{until}` a moment, or an expression that gives a moment or becomes true. */
export function wait(draft: Draft, step: Step): void {
  const { for: span, until } = step.call.args;
  changeStep(draft, step.id, { status: 'waiting', started_at: draft.state.steps[step.id]!.started_at ?? draft.at });
  if (span !== undefined) return waitFor(draft, step, span);
  const moment = typeof until === 'string' ? momentOf(draft, step, until) : until;
  if (moment === undefined || (typeof moment === 'object' && moment !== null)) return;
  hold(draft, step, moment);
}

function hold(draft: Draft, step: Step, moment: Json): void {
  if (moment === true) return succeed(draft, step.id, {});
  if (moment === false) {
    note(draft, 'wait.started', { step: step.id, values: { until: null } });
    const limit = step.timeout_ms;
    if (limit !== null) setTimer(draft, `${step.id}@wait`, { kind: 'wait', of: step.id, at: draft.at + limit, units: [] });
    return;
  }
  const at = typeof moment === 'number' ? moment : typeof moment === 'string' && isMoment(moment) ? Date.parse(moment) : null;
  if (at === null)
    return fail(draft, step.id, {
      problem: {
        kind: 'refused',
        message: `wait.until of step "${step.id}": ${JSON.stringify(moment)} is no moment and not true or false`,
        hint: 'write 2026-11-24T06:00:00Z or an expression',
      },
    });
  sleep(draft, step.id, at);
}

function sleep(draft: Draft, id: string, at: Moment): void {
  note(draft, 'wait.started', { step: id, values: { until: at } });
  setTimer(draft, `${id}@wait`, { kind: 'wait', of: id, at: Math.max(at, draft.at), units: [] });
}

function waitFor(draft: Draft, step: Step, span: Json): void {
  const value = filled(draft.state, span, `wait.for of step "${step.id}"`);
  if ('problem' in value) return fail(draft, step.id, { problem: value.problem });
  const ms = typeof value.value === 'string' ? durationMs(value.value) : null;
  if (ms === null)
    return fail(draft, step.id, {
      problem: {
        kind: 'refused',
        message: `wait.for of step "${step.id}": ${JSON.stringify(value.value)} is no duration`,
        hint: 'write 90s, 10m, 2h or 7d',
      },
    });
  sleep(draft, step.id, draft.at + ms);
}

function momentOf(draft: Draft, step: Step, until: string): Json | undefined {
  if (isMoment(until)) return until;
  const what = `wait.until of step "${step.id}"`;
  const value = until.includes('${{') ? filled(draft.state, until, what) : valueOf(draft.state, until, what);
  if ('value' in value) return value.value;
  fail(draft, step.id, { problem: value.problem });
  return undefined;
}

/** Its time has come: a moment has passed, or a condition did not become true in time. */
export function waitOver(draft: Draft, step: Step): void {
  if (draft.state.steps[step.id]!.status !== 'waiting') return;
  const { until } = step.call.args;
  const value = typeof until === 'string' ? momentOf(draft, step, until) : null;
  if (value === undefined) return;
  if (value !== false) return succeed(draft, step.id, {});
  fail(draft, step.id, {
    problem: {
      kind: 'timeout',
      message: `wait.until of step "${step.id}": "${String(until)}" is still false after ${(step.timeout_ms ?? 0) / 1_000} s`,
      hint: null,
    },
  });
}

/** A condition may have become true by what else happened in the run. */
export function lookAgain(draft: Draft, step: Step): void {
  const { until } = step.call.args;
  if (typeof until !== 'string' || isMoment(until)) return;
  const timer = draft.state.timers[`${step.id}@wait`];
  if (timer !== undefined && step.timeout_ms === null) return;
  if (momentOf(draft, step, until) === true) succeed(draft, step.id, {});
}
