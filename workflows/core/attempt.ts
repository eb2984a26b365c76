import { changeUnits, land, note, setTimer, stepOf, type Draft } from './draft.ts';
import { askPerson } from './finish.ts';
import { judge, passes, type Verdict } from './judge.ts';
import type { Step } from './plan.ts';
import type { Outcome, Problem } from './run.ts';
import type { UnitState } from './state.ts';

type Change = Partial<UnitState>;

/** A question only reads, so it is put a few times before a person is called, however few tries the step has. */
const asks_min = 3;

/** Whether the plan allows one more try, and how long from now it waits. */
export function nextTry(step: Step, unit: UnitState, at: number, polling: boolean): number | null {
  const { retry } = step;
  const delay = Math.round(retry.delay_ms * retry.backoff ** Math.max(0, unit.spent - 1));
  if (retry.for_ms !== null && at + delay > (unit.first_at ?? at) + retry.for_ms) return null;
  // A poll with a total time is bounded by that time; `max` bounds it only when it was written.
  const isTimed = polling && retry.for_ms !== null && retry.max <= 1;
  return isTimed || unit.spent < retry.max ? delay : null;
}

function maySafelyRepeat(step: Step, ran: Outcome['ran']): boolean {
  return ran === 'no' || step.idempotent;
}

/** After a try that did not succeed. Doubt is put to `done_when` at once; without it, a person decides. */
function afterFailure(draft: Draft, step: Step, unit: UnitState, verdict: Verdict): Change {
  const known: Change = { ran: verdict.ran, problem: verdict.problem, exit: verdict.exit };
  const isStopping = draft.state.phase === 'draining';
  if (verdict.ran === 'unknown' && step.risk !== 'read') {
    if (step.done_when !== null && draft.state.abort === null) return { ...known, status: 'doubt' };
    if (isStopping) return { ...known, status: 'failed' };
    if (!step.idempotent) return { ...known, status: 'asking' };
  }
  if (isStopping) return { ...known, status: 'failed' };
  const isPolling = step.retry.until !== null;
  const wait = verdict.again || maySafelyRepeat(step, verdict.ran) ? nextTry(step, unit, draft.at, isPolling) : null;
  if (wait !== null && verdict.problem?.kind !== 'refused' && verdict.problem?.kind !== 'cancelled') return { ...known, status: 'delayed' };
  return {
    ...known,
    status: verdict.ran === 'unknown' && step.risk !== 'read' ? 'asking' : 'failed',
    problem: gaveUp(step, unit, verdict),
  };
}

function gaveUp(step: Step, unit: UnitState, { problem, again }: Verdict): Problem | null {
  if (problem === null || unit.spent < 2) return problem;
  return { ...problem, message: `${problem.message} (${again ? 'asked' : 'tried'} ${unit.spent} times)`, hint: problem.hint };
}

/** Results of a perform with role `do`, or of a child run. */
export function doOutcome(draft: Draft, flight: string, outcomes: readonly Outcome[]): void {
  const { of, units: indexes } = draft.state.flights[flight]!;
  land(draft, flight);
  const step = stepOf(draft, of);
  const changes = new Map<number, Change>();
  for (const [place, index] of indexes.entries()) {
    const unit = draft.state.steps[of]!.units[index]!;
    if (unit.status !== 'running') continue;
    const verdict = judge(draft.state, step, unit, outcomes[place]);
    if (verdict.problem === null)
      changes.set(index, { status: 'ok', ran: verdict.ran, problem: null, out: verdict.out, exit: verdict.exit });
    else changes.set(index, afterFailure(draft, step, unit, verdict));
  }
  changeUnits(draft, of, changes);
  settleUnits(draft, step, [...changes.keys()]);
}

/** Timers for what waits, a person for what nobody else can say, a line for what failed. */
export function settleUnits(draft: Draft, step: Step, indexes: readonly number[]): void {
  const { units } = draft.state.steps[step.id]!;
  const byWait = new Map<number, number[]>();
  for (const index of indexes) {
    const unit = units[index]!;
    if (unit.status === 'delayed') {
      const wait = nextTry(step, unit, draft.at, step.retry.until !== null) ?? step.retry.delay_ms;
      byWait.set(wait, [...(byWait.get(wait) ?? []), index]);
    }
    if (unit.status === 'asking') askPerson(draft, step.id, unit.problem!);
    if (unit.status === 'failed' && units.length > 1) noteUnit(draft, step, unit);
  }
  for (const [wait, waiting] of byWait) delay(draft, step, wait, waiting);
}

function noteUnit(draft: Draft, step: Step, { label, problem }: UnitState): void {
  note(draft, 'unit.failed', {
    step: step.id,
    node: label,
    values: { title: step.title, node: label, kind: problem?.kind ?? 'unknown', message: problem?.message ?? '' },
  });
}

function delay(draft: Draft, step: Step, wait: number, units: readonly number[]): void {
  const at = draft.at + wait;
  const first = draft.state.steps[step.id]!.units[units[0]!]!;
  const node = units.length === 1 ? first.label : null;
  const isPoll = step.retry.until !== null && first.problem?.kind === 'timeout' && first.ran !== 'unknown';
  // A poll of an hour would be thousands of lines: the first, second, fourth, eighth … time is told.
  const isTold = (first.spent & (first.spent - 1)) === 0;
  if (isPoll && isTold) note(draft, 'step.polled', { step: step.id, node, values: { title: step.title, at } });
  if (!isPoll)
    note(draft, 'step.retry', {
      step: step.id,
      node,
      values: {
        title: step.title,
        attempt: first.spent + 1,
        max: step.retry.max,
        at,
        kind: first.problem?.kind ?? null,
        message: first.problem?.message ?? null,
      },
    });
  setTimer(draft, `${step.id}@retry${units.length === draft.state.steps[step.id]!.units.length ? '' : `[${units[0]}]`}#${first.spent}`, {
    kind: 'retry',
    of: step.id,
    at,
    units,
  });
}

export function retryDue(draft: Draft, id: string, units: readonly number[]): void {
  const step = stepOf(draft, id);
  const changes = new Map<number, Change>();
  for (const index of units) {
    if (draft.state.steps[id]!.units[index]!.status === 'delayed') changes.set(index, { status: step.done_when === null ? 'due' : 'ask' });
  }
  changeUnits(draft, id, changes);
}

/** Results of `done_when`. Done is done; a denial allows the next try; no answer never lets an unknown effect run again. */
export function askOutcome(draft: Draft, flight: string, outcomes: readonly Outcome[]): void {
  const { of, units: indexes, then_run } = draft.state.flights[flight]!;
  land(draft, flight);
  const step = stepOf(draft, of);
  const changes = new Map<number, Change>();
  for (const index of new Set(indexes)) {
    const unit = draft.state.steps[of]!.units[index]!;
    if (unit.status !== 'running') continue;
    const answers = indexes.flatMap((other, place) => (other === index ? [outcomes[place]] : []));
    const problems = answers.map((outcome) =>
      passes(draft.state, { expect: step.done_when!.expect, what: `done_when of step "${of}"`, outcome, unit }),
    );
    const isAnswered = answers.every(
      (outcome, place) => problems[place] === null || (outcome !== undefined && isDenial(outcome, problems[place]!)),
    );
    changes.set(
      index,
      answered(draft, step, unit, {
        isDone: problems.every((problem) => problem === null),
        isAnswered,
        then_run,
        problem: problems.find((each) => each !== null) ?? null,
      }),
    );
  }
  changeUnits(draft, of, changes);
  settleUnits(draft, step, [...changes.keys()]);
}

function isDenial(outcome: Outcome, problem: Problem): boolean {
  return problem.kind === 'expect' ? outcome.result !== null : problem.kind === 'exit';
}

interface Reply {
  readonly isDone: boolean;
  readonly isAnswered: boolean;
  readonly then_run: boolean;
  readonly problem: Problem | null;
}

function answered(draft: Draft, step: Step, unit: UnitState, reply: Reply): Change {
  const about = { step: step.id, node: unit.label };
  if (reply.isDone) {
    note(draft, 'step.was_done', { ...about, values: { title: step.title } });
    return { status: 'ok', ran: 'yes', problem: null, out: Object.fromEntries(Object.keys(step.out).map((key) => [key, null])) };
  }
  const isStopping = draft.state.phase === 'draining';
  if (reply.isAnswered) {
    note(draft, 'step.not_done', { ...about, values: { title: step.title } });
    if (isStopping) return { status: 'failed', ran: 'no' };
    if (reply.then_run) return { status: 'due', ran: 'no' };
    return nextTry(step, unit, draft.at, step.retry.until !== null) === null
      ? { status: 'failed', ran: 'no' }
      : { status: 'delayed', ran: 'no' };
  }
  note(draft, 'step.cannot_tell', { ...about, values: { title: step.title, message: reply.problem?.message ?? '' } });
  if (isStopping) return { status: 'failed' };
  if (unit.ran !== 'unknown') return { status: 'due' };
  const spent = unit.spent + 1;
  return { status: spent < Math.max(step.retry.max, asks_min) ? 'delayed' : 'asking', spent };
}
