import { change, clearTimer, note, type Draft } from './draft.ts';
import type { Phase } from './state.ts';
import type { Problem } from './run.ts';

const before: readonly Phase[] = ['held', 'locking', 'steps', 'checking'];

/** The run has failed: nothing new begins, what is under way ends, then on_failure and finally. Only the first reason counts. */
export function failRun(draft: Draft, step: string | null, problem: Problem): void {
  const { failure, phase } = draft.state;
  if (failure !== null || !before.includes(phase)) return;
  change(draft, { failure: { step, problem }, phase: 'draining' });
  note(draft, 'run.failing', { step, values: { kind: problem.kind, message: problem.message, hint: problem.hint } });
}

/** A person stops the run: nothing runs any more but the proof that what was under way has stopped, and `finally`. */
export function abortRun(draft: Draft, by: string, reason: string): void {
  change(draft, { abort: { by, reason }, phase: 'draining', undo: null });
  // People who are being told something are told to the end.
  const isTelling = (task: boolean, of: string) => task && draft.state.tasks[of]?.use === 'tell';
  for (const [id, { kind, of }] of Object.entries(draft.state.flights)) {
    if (!isTelling(kind === 'task', of)) draft.actions.push({ type: 'cancel', id });
  }
  for (const [id, { kind, of }] of Object.entries(draft.state.timers)) {
    if (!isTelling(kind === 'task', of)) clearTimer(draft, id);
  }
}
