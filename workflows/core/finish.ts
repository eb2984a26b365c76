import type { JsonMap } from '../domain/words.ts';
import { changeStep, clearTimersOf, note, stepOf, type Draft } from './draft.ts';
import { isTrue } from './expressions.ts';
import { failRun } from './failure.ts';
import { releaseStep } from './locks.ts';
import type { Problem } from './run.ts';
import { tell } from './tell.ts';

function close(draft: Draft, id: string): number {
  clearTimersOf(draft, id);
  releaseStep(draft, id);
  const { started_at } = draft.state.steps[id]!;
  return started_at === null ? 0 : (draft.at - started_at) / 1_000;
}

export function succeed(draft: Draft, id: string, out: JsonMap | null, failed = 0): void {
  const seconds = close(draft, id);
  const { title } = stepOf(draft, id);
  changeStep(draft, id, { status: 'ok', ended_at: draft.at, out, problem: null });
  note(draft, 'step.ok', { step: id, values: { title, seconds, units: draft.state.steps[id]!.units.length, failed } });
}

export function skip(draft: Draft, id: string, reason: string, by: string | null = null): void {
  close(draft, id);
  changeStep(draft, id, { status: 'skipped', started_at: draft.state.steps[id]!.started_at ?? draft.at, ended_at: draft.at, out: null });
  note(draft, 'step.skipped', { step: id, by, values: { title: stepOf(draft, id).title, reason } });
}

/** A step that never began because the run stopped: it was asked for and is asked no more. */
export function withdraw(draft: Draft, id: string): void {
  close(draft, id);
  changeStep(draft, id, { status: 'skipped', ended_at: draft.at });
  note(draft, 'step.withdrawn', { step: id, values: { title: stepOf(draft, id).title } });
}

export interface FailOptions {
  readonly problem: Problem;
  /** Where it went wrong, one per failed unit; `on_failure.when` must hold for each. */
  readonly each?: readonly { readonly problem: Problem; readonly node: string | null; readonly exit: number | null }[];
  readonly out?: JsonMap | null;
}

export function fail(draft: Draft, id: string, options: FailOptions): void {
  const { problem, out = null, each = [{ problem, node: null, exit: null }] } = options;
  const seconds = close(draft, id);
  const { title, on_failure } = stepOf(draft, id);
  const { units, started_at } = draft.state.steps[id]!;
  const times = { started_at: started_at ?? draft.at, ended_at: draft.at };
  const goesOn = draft.state.abort === null && continues(draft, id, each);
  changeStep(draft, id, { status: goesOn ? 'continued' : 'failed', ...times, problem, out });
  if (goesOn)
    note(draft, 'step.continued', { step: id, values: { title, kind: problem.kind, message: problem.message, note: on_failure!.note } });
  else
    note(draft, 'step.failed', {
      step: id,
      values: {
        title,
        seconds,
        kind: problem.kind,
        message: problem.message,
        hint: problem.hint,
        failed: each.length,
        units: units.length,
      },
    });
  if (on_failure?.open === 'follow_up' && (goesOn || on_failure.do === 'fail')) {
    note(draft, 'follow_up.opened', { step: id, values: { title, message: on_failure.note ?? problem.message } });
  }
  if (!goesOn) failRun(draft, id, problem);
}

function continues(draft: Draft, id: string, each: NonNullable<FailOptions['each']>): boolean {
  const { on_failure } = stepOf(draft, id);
  if (on_failure?.do !== 'continue') return false;
  const { when } = on_failure;
  if (when === null) return true;
  return each.every(({ problem, node, exit }) => {
    const answer = isTrue(draft.state, when, `on_failure.when of step "${id}"`, { error: { ...problem, step: id, node, exit } });
    return 'value' in answer && answer.value;
  });
}

/** Nobody but a person can say what happened: the step waits for retry, skip, take over or abort. */
export function askPerson(draft: Draft, id: string, problem: Problem): void {
  if (draft.state.steps[id]!.status === 'asking') return;
  changeStep(draft, id, { status: 'asking', problem });
  const { title } = stepOf(draft, id);
  note(draft, 'step.asking', { step: id, values: { title, kind: problem.kind, message: problem.message } });
  tell(draft, {
    about: id,
    to: [draft.state.input.plan.owner],
    template: 'step_asking',
    values: { step: id, title, message: problem.message },
  });
}
