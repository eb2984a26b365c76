import { askNodes } from './ask.ts';
import { change, changeStep, note, stepOf, type Draft } from './draft.ts';
import type { RunState, TaskUnit, UnitState } from './state.ts';
import { addTask, dropTask } from './task.ts';

/** Whether a unit's effect may be in the world. */
export function mayHaveRun(unit: UnitState): boolean {
  return unit.ran !== 'no' || unit.status === 'running';
}

/**
 * The step of no return that lies behind the run, or `null`. Done counts, and so does doubt: what may have been promoted
 * must not lose its way back's other half.
 */
export function passedPivot(state: RunState): string | null {
  for (const step of state.input.plan.steps) {
    if (!step.pivot) continue;
    const now = state.steps[step.id]!;
    if (now.status === 'ok' || now.units.some((unit) => unit.status === 'ok' || isInDoubt(unit))) return step.id;
  }
  return null;
}

function isInDoubt(unit: UnitState): boolean {
  if (unit.ran === 'unknown' || unit.status === 'running') return true;
  return unit.ran === 'yes' && (unit.problem?.kind === 'timeout' || unit.problem?.kind === 'cancelled');
}

function startUndo(draft: Draft): void {
  const pivot = passedPivot(draft.state);
  if (pivot !== null) {
    note(draft, 'undo.kept', { step: pivot, values: { pivot: stepOf(draft, pivot).title } });
    return change(draft, { undo: [] });
  }
  const queue = [...new Set(draft.state.begun)].reverse().filter((id) => {
    const { status, units } = draft.state.steps[id]!;
    return stepOf(draft, id).undo !== null && status !== 'undone' && units.some(mayHaveRun);
  });
  change(draft, { undo: queue });
}

/** One step's undo after the other, newest first. Gives whether all are through; a failed one never stops the rest. */
export function runUndo(draft: Draft): boolean {
  if (draft.state.undo === null) startUndo(draft);
  for (;;) {
    const [id] = draft.state.undo!;
    if (id === undefined) {
      change(draft, { undo: null });
      return true;
    }
    const task = draft.state.tasks[`${id}~`];
    if (task === undefined) {
      startOne(draft, id);
      return false;
    }
    if (task.status !== 'ok' && task.status !== 'failed') return false;
    finishOne(draft, id);
  }
}

function startOne(draft: Draft, id: string): void {
  const step = stepOf(draft, id);
  const { call, expect, retry, timeout_ms } = step.undo!;
  const units = draft.state.steps[id]!.units.flatMap((unit, index): TaskUnit[] =>
    mayHaveRun(unit) ? askNodes(draft, step, call, unit).map((node) => ({ unit: index, node, status: 'due' })) : [],
  );
  note(draft, 'undo.started', { step: id, values: { title: step.title, units: units.length } });
  addTask(draft, `${id}~`, { use: 'undo', role: 'undo', step: id, title: step.title, call, expect, retry, timeout_ms, units });
}

function finishOne(draft: Draft, id: string): void {
  const { status, problem } = draft.state.tasks[`${id}~`]!;
  const { title } = stepOf(draft, id);
  const { undone, undo } = draft.state;
  dropTask(draft, `${id}~`);
  if (status === 'ok') {
    changeStep(draft, id, { status: 'undone' });
    note(draft, 'undo.ok', { step: id, values: { title } });
    return change(draft, { undo: undo!.slice(1), undone: { ...undone, ok: undone.ok + 1 } });
  }
  note(draft, 'undo.failed', {
    step: id,
    values: { title, kind: problem?.kind ?? 'unknown', message: problem?.message ?? '', hint: problem?.hint ?? null },
  });
  change(draft, { undo: undo!.slice(1), undone: { ...undone, failed: undone.failed + 1 } });
}
