import { changeStep, changeUnits, note, takeOff, type Draft } from './draft.ts';
import { marksOf, performOf, type Seat } from './perform.ts';
import { nodesAt, placeWritten } from './place.ts';
import type { Call, Step } from './plan.ts';
import type { UnitState } from './state.ts';

/** Puts `done_when` to the world for some units; it reads and never acts. */
export function ask(draft: Draft, step: Step, group: readonly number[], then_run: boolean): void {
  const { units, asks } = draft.state.steps[step.id]!;
  const { call } = step.done_when!;
  const id = `${step.id}?#${asks + 1}`;
  const places = group.flatMap((index) => askNodes(draft, step, call, units[index]!).map((node) => ({ index, node })));
  const marks = marksOf(places.map(({ node }) => node));
  const seats = places.map(({ index, node }, place): Seat => ({
    unit: units[index]!,
    node,
    key: `${draft.state.input.run}/${step.id}?${marks[place]}#${asks + 1}`,
  }));
  changeStep(draft, step.id, { asks: asks + 1 });
  changeUnits(draft, step.id, new Map(group.map((index) => [index, { status: 'running' as const }])));
  const perform = performOf(draft.state, { ...step, id, step: step.id, role: 'ask', call, seats, risk: 'read', idempotent: true });
  if ('problem' in perform) {
    changeUnits(
      draft,
      step.id,
      new Map(
        group.map((index) => [
          index,
          { status: units[index]!.ran === 'unknown' ? ('asking' as const) : ('failed' as const), problem: perform.problem },
        ]),
      ),
    );
    return;
  }
  takeOff(draft, id, {
    kind: 'ask',
    of: step.id,
    units: places.map(({ index }) => index),
    nodes: places.map(({ node }) => node),
    then_run,
  });
  note(draft, 'step.asked', { step: step.id, values: { title: step.title, attempt: asks + 1 } });
  draft.actions.push({ type: 'perform', perform: perform.value });
}

/** Where a question or undo about a unit goes: the unit's own node when it names the same place as the step. */
export function askNodes({ state }: Draft, step: Step, call: Call, unit: UnitState): readonly (string | null)[] {
  const written = placeWritten(call);
  if (written === null) return [null];
  const own = placeWritten(step.call);
  const isOwn =
    written === own ||
    written === 'node' ||
    written.includes('${{') ||
    (step.each !== null && 'target' in step.each && written === step.each.target);
  if (isOwn) return [unit.node];
  return nodesAt(state, written);
}
