import { isLetThrough, runChecks, settledStep } from './checks.ts';
import { change, changeStep, note, type Draft } from './draft.ts';
import { filled, isTrue } from './expressions.ts';
import { advance, begin } from './fan-out.ts';
import { fail, skip, succeed } from './finish.ts';
import { askForRun, askForStep, isHeld } from './locks.ts';
import { failRun } from './failure.ts';
import type { Step } from './plan.ts';
import { ownKinds } from './steps/index.ts';
import { lookAgain } from './steps/wait.ts';
import { unitsOf } from './units.ts';

/** Asks for the run's locks one by one in the order of their names; when all are held the steps begin. */
export function lockRun(draft: Draft): void {
  const names = new Set<string>();
  for (const template of draft.state.input.plan.lock) {
    const name = filled(draft.state, template, 'lock of the runbook');
    if ('problem' in name) return failRun(draft, null, name.problem);
    names.add(String(name.value));
  }
  const missing = [...names].sort().find((name) => !isHeld(draft.state, name, ''));
  if (missing === undefined) return change(draft, { phase: 'steps' });
  if (draft.state.locks[missing] === undefined && !draft.state.paused) askForRun(draft, missing);
}

/** One look over all steps, in the order of the runbook. */
export function schedule(draft: Draft): void {
  const { plan } = draft.state.input;
  runChecks(draft, 'before');
  let isOver = true;
  for (const step of plan.steps) {
    if (draft.state.phase !== 'steps') return;
    if (settledStep.has(draft.state.steps[step.id]!.status)) continue;
    visit(draft, step);
    isOver &&= settledStep.has(draft.state.steps[step.id]!.status);
  }
  if (isOver && draft.state.phase === 'steps' && runChecks(draft, 'before')) change(draft, { phase: 'checking' });
}

function visit(draft: Draft, step: Step): void {
  const { status, lock, units, vote } = draft.state.steps[step.id]!;
  const { paused } = draft.state;
  if (status === 'pending' && !paused) {
    if (lock !== null) return isHeld(draft.state, lock, step.id) ? act(draft, step) : undefined;
    if (needsMet(draft, step) && isLetThrough(draft.state, step)) start(draft, step);
    return;
  }
  if (status === 'running' || status === 'asking') return advance(draft, step.id, !paused);
  if (status === 'waiting' && step.call.kind === 'wait' && units.length === 0 && vote === null) lookAgain(draft, step);
}

function needsMet(draft: Draft, step: Step): boolean {
  return step.needs.every((id) => {
    const status = draft.state.steps[id]?.status;
    return status === undefined || (settledStep.has(status) && status !== 'failed');
  });
}

function start(draft: Draft, step: Step): void {
  if (step.drill === 'skip' && draft.state.input.mode === 'simulate') return skip(draft, step.id, 'drill');
  if (step.when !== null) {
    const answer = isTrue(draft.state, step.when, `when of step "${step.id}"`);
    if ('problem' in answer) return fail(draft, step.id, { problem: answer.problem });
    if (!answer.value) return skip(draft, step.id, 'when');
  }
  if (step.lock === null) return act(draft, step);
  const name = filled(draft.state, step.lock, `lock of step "${step.id}"`);
  if ('problem' in name) return fail(draft, step.id, { problem: name.problem });
  changeStep(draft, step.id, { lock: String(name.value) });
  askForStep(draft, String(name.value), step.id);
}

function act(draft: Draft, step: Step): void {
  const own = ownKinds[step.call.kind];
  if (own !== undefined) return own(draft, step);
  const units = unitsOf(draft.state, step);
  if ('problem' in units) return fail(draft, step.id, { problem: units.problem });
  begin(draft, step.id, units.value);
  note(draft, 'step.started', { step: step.id, values: { title: step.title, units: units.value.length, risk: step.risk } });
  if (units.value.length === 0) return succeed(draft, step.id, {});
  advance(draft, step.id, true);
}
