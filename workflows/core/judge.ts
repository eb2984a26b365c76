import type { JsonMap } from '../domain/words.ts';
import { filledMap, isTrue } from './expressions.ts';
import type { Step } from './plan.ts';
import type { Outcome, Problem } from './run.ts';
import type { Here } from './scope.ts';
import type { RunState, UnitState } from './state.ts';

const missing: Problem = {
  kind: 'unknown',
  message: 'the act came back without a word about this unit',
  hint: 'look at the host, then retry, skip or take over',
};

interface Test {
  readonly expect: string | null;
  readonly what: string;
  readonly outcome: Outcome | undefined;
  readonly unit: UnitState | null;
}

/** Whether the answer of a check, question, undo or reaction is a yes; `null` = yes, else why not. */
export function passes(state: RunState, { expect, what, outcome, unit }: Test): Problem | null {
  if (outcome === undefined) return missing;
  if (expect === null || !isTestable(outcome)) return outcome.ok ? null : (outcome.problem ?? missing);
  const answer = isTrue(state, expect, what, { unit, result: outcome.result });
  if ('problem' in answer) return { ...answer.problem, kind: 'expect' };
  return answer.value ? null : { kind: 'expect', message: `${what}: "${expect}" is false${seen(outcome)}`, hint: null };
}

/** It gave an answer, if only "no": its own word (exit 0) gives way to `expect`. */
export function isTestable(outcome: Outcome): boolean {
  if (outcome.result === null) return false;
  return outcome.ok || outcome.problem === null || outcome.problem.kind === 'exit' || outcome.problem.kind === 'expect';
}

/** A few words of what came back, so that "is false" can be understood. */
function seen({ result }: Outcome): string {
  if (result === null) return '';
  if (Array.isArray(result['rows']))
    return result['rows'].length === 0 ? '; there was no row' : `; the first row was ${brief(result['rows'][0])}`;
  if (typeof result['exit'] === 'number') return `; exit was ${result['exit']}`;
  if (typeof result['status'] === 'number') return `; status was ${result['status']}`;
  return `; the result was ${brief(result)}`;
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

export interface Verdict {
  readonly problem: Problem | null;
  readonly out: JsonMap | null;
  readonly ran: Outcome['ran'];
  /** `until` does not hold yet. */
  readonly again: boolean;
  readonly exit: number | null;
}

/** What one unit's outcome means for its step: `expect`, `out` and `until`, in that order of need. */
export function judge(state: RunState, step: Step, unit: UnitState, outcome: Outcome | undefined): Verdict {
  if (outcome === undefined) return { problem: missing, out: null, ran: 'unknown', again: false, exit: null };
  const exit = typeof outcome.result?.['exit'] === 'number' ? outcome.result['exit'] : null;
  const base = { out: null, ran: outcome.ran, again: false, exit };
  const { expect } = step;
  if (!outcome.ok && (expect === null || !isTestable(outcome))) return { ...base, problem: outcome.problem ?? missing };
  const ran = outcome.ran === 'no' ? 'no' : 'yes';
  const here: Here = { unit, result: outcome.result };
  const out = step.out;
  const kept = Object.keys(out).length === 0 ? { value: null } : filledMap(state, out, `out of step "${step.id}"`, here);
  const withOut = { ...here, out: 'value' in kept ? kept.value : null };
  if (expect !== null) {
    // `out` may be what `expect` reads, so it is made first; its own failure only counts when `expect` does not say no.
    const answer = isTrue(state, expect, `expect of step "${step.id}"`, withOut);
    if ('problem' in answer) return { ...base, ran, problem: { ...('problem' in kept ? kept.problem : answer.problem), kind: 'expect' } };
    if (!answer.value)
      return {
        ...base,
        ran,
        problem: { kind: 'expect', message: `expect of step "${step.id}": "${expect}" is false${seen(outcome)}`, hint: null },
      };
  }
  if (step.retry.until !== null) {
    const answer = isTrue(state, step.retry.until, `retry.until of step "${step.id}"`, withOut);
    if ('problem' in answer) return { ...base, ran, problem: { ...answer.problem, kind: 'expect' } };
    if (!answer.value)
      return {
        ...base,
        ran,
        again: true,
        problem: {
          kind: 'timeout',
          message: `retry.until of step "${step.id}": "${step.retry.until}" is still false${seen(outcome)}`,
          hint: null,
        },
      };
  }
  if ('problem' in kept) return { ...base, ran, problem: { ...kept.problem, kind: 'expect' } };
  return { ...base, ran: ran === 'no' ? 'yes' : ran, out: kept.value, problem: null };
}
