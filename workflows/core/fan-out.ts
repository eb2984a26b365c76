import type { JsonMap } from '../domain/words.ts';
import { change, changeStep, changeUnits, note, stepOf, type Draft } from './draft.ts';
import { fail, succeed } from './finish.ts';
import { launch } from './launch.ts';
import type { Step } from './plan.ts';
import type { Problem } from './run.ts';
import type { UnitState } from './state.ts';
import { isMany, share } from './units.ts';

export const over: ReadonlySet<UnitState['status']> = new Set<UnitState['status']>(['ok', 'failed', 'dropped']);

/** Takes a step that has begun as far as it can go: waves, performs, questions, and its end. */
export function advance(draft: Draft, id: string, mayLaunch: boolean): void {
  const step = stepOf(draft, id);
  for (;;) {
    stopIfSpent(draft, step);
    const { units, wave } = draft.state.steps[id]!;
    const isWaveOver = units.slice(wave[0], wave[1]).every((unit) => over.has(unit.status));
    if (!isWaveOver) break;
    if (wave[1] >= units.length) return end(draft, step);
    nextWave(draft, step);
  }
  if (!mayLaunch) return;
  launch(draft, step);
  // A perform whose arguments could not be filled in is over before it began.
  const { units, wave, status } = draft.state.steps[id]!;
  if (status === 'running' && units.slice(wave[0], wave[1]).every((unit) => over.has(unit.status))) advance(draft, id, mayLaunch);
}

function budget(step: Step, units: readonly UnitState[]): number {
  return share(step.max_failures, units.length);
}

/** More failures than the step tolerates: nothing new begins on any node; what is under way ends. */
function stopIfSpent(draft: Draft, step: Step): void {
  const { units } = draft.state.steps[step.id]!;
  if (units.filter((unit) => unit.status === 'failed').length <= budget(step, units)) return;
  stopUnits(draft, step.id);
}

/** Ends every unit that is not under way: never begun is `dropped`, waiting for another try is `failed`. */
export function stopUnits(draft: Draft, id: string): void {
  const changes = new Map<number, Partial<UnitState>>();
  for (const [index, unit] of draft.state.steps[id]!.units.entries()) {
    if (over.has(unit.status) || unit.status === 'running' || unit.status === 'asking') continue;
    if (unit.status === 'doubt' && draft.state.abort === null) continue;
    changes.set(index, { status: unit.tries === 0 ? 'dropped' : 'failed' });
  }
  changeUnits(draft, id, changes);
}

function nextWave(draft: Draft, step: Step): void {
  const { units, wave } = draft.state.steps[step.id]!;
  const size = step.batch === null ? units.length : Math.max(1, share(step.batch, units.length));
  const next: readonly [number, number] = [wave[1], Math.min(units.length, wave[1] + size)];
  const changes = new Map<number, Partial<UnitState>>();
  for (let index = next[0]; index < next[1]; index++) {
    if (units[index]!.status === 'new') changes.set(index, { status: 'due' });
  }
  changeUnits(draft, step.id, changes);
  changeStep(draft, step.id, { wave: next });
  if (size < units.length)
    note(draft, 'wave.started', { step: step.id, values: { title: step.title, from: next[0] + 1, to: next[1], of: units.length } });
}

export function end(draft: Draft, step: Step): void {
  const { units, status } = draft.state.steps[step.id]!;
  if (status !== 'running' && status !== 'asking') return;
  const failed = units.filter((unit) => unit.status === 'failed');
  const out = outOf(step, units);
  // A thousand results are kept once, in the step.
  if (units.length > 1) changeStep(draft, step.id, { units: units.map((unit) => (unit.out === null ? unit : { ...unit, out: null })) });
  if (failed.length <= budget(step, units)) return succeed(draft, step.id, out, failed.length);
  const each = failed.map(({ problem, label, exit }) => ({ problem: problem!, node: label, exit }));
  fail(draft, step.id, { problem: summary(failed, units.length), each, out: isMany(step, units) ? out : null });
}

function summary(failed: readonly UnitState[], of: number): Problem {
  const first = failed[0]!.problem!;
  if (of === 1) return first;
  const names = failed
    .slice(0, 5)
    .map((unit) => unit.label)
    .join(', ');
  const more = failed.length > 5 ? ` and ${failed.length - 5} more` : '';
  return { ...first, message: `failed on ${failed.length} of ${of} (${names}${more}): ${first.message}` };
}

/** One node's `out` as it is; under `each` by node. */
function outOf(step: Step, units: readonly UnitState[]): JsonMap {
  if (!isMany(step, units)) return units[0]?.out ?? {};
  const found: JsonMap = {};
  for (const unit of units) {
    if (unit.out !== null && unit.label !== null) found[unit.label] = unit.out;
  }
  return found;
}

export function begin(draft: Draft, id: string, units: readonly UnitState[]): void {
  changeStep(draft, id, { status: 'running', started_at: draft.state.steps[id]!.started_at ?? draft.at, units, wave: [0, 0] });
  // Known before anything is sent: whatever dies from here on, the undo of this step is on the list.
  change(draft, { begun: [...draft.state.begun, id] });
}
