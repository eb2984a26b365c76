import { changeStep, changeUnits, flightsOf, note, takeOff, type Draft } from './draft.ts';
import { ask } from './ask.ts';
import { childOf } from './child.ts';
import { performOf, type Seat } from './perform.ts';
import type { Step } from './plan.ts';
import type { Problem } from './run.ts';
import type { UnitState } from './state.ts';
import { isMany } from './units.ts';

/** Most units in one perform, and most performs of a step under way: a task of the engine holds 4 MB. */
const chunk_max = 50;
const flights_max = 60;

/** Sends what is due. `asksOnly` while a run is failing: questions still settle doubt, but nothing acts. */
export function launch(draft: Draft, step: Step, asksOnly = false): void {
  const { units } = draft.state.steps[step.id]!;
  const size = step.risk === 'destructive' ? 1 : Math.max(1, step.chunk ?? chunk_max);
  let free = flights_max - flightsOf(draft.state, step.id).length;
  for (const status of ['doubt', 'ask', 'due'] as const) {
    if (asksOnly && status !== 'doubt') continue;
    for (const group of groups(units, status, step.call.kind === 'runbook' && status === 'due' ? 1 : size)) {
      if (free-- <= 0) return;
      if (status === 'due') run(draft, step, group);
      else ask(draft, step, group, status === 'ask');
    }
  }
}

/** Units in one status and at the same try, cut into pieces. */
function groups(units: readonly UnitState[], status: UnitState['status'], size: number): number[][] {
  const byTry = new Map<number, number[]>();
  for (const [index, unit] of units.entries()) {
    if (unit.status !== status) continue;
    const list = byTry.get(unit.tries);
    if (list === undefined) byTry.set(unit.tries, [index]);
    else list.push(index);
  }
  const found: number[][] = [];
  for (const list of byTry.values()) {
    for (let from = 0; from < list.length; from += size) found.push(list.slice(from, from + size));
  }
  return found;
}

/** `[web1]` in a job key: the node, or the place in the list when items were given. */
function markOf(step: Step, units: readonly UnitState[], index: number): string {
  if (!isMany(step, units)) return '';
  return step.each !== null && 'list' in step.each ? `[${index}]` : `[${units[index]!.node ?? index}]`;
}

function run(draft: Draft, step: Step, group: readonly number[]): void {
  const { units, launches, override } = draft.state.steps[step.id]!;
  const tries = units[group[0]!]!.tries + 1;
  const id = isMany(step, units) ? `${step.id}[${launches + 1}]#${tries}` : `${step.id}#${tries}`;
  const seats = group.map((index): Seat => ({
    unit: units[index]!,
    node: units[index]!.node,
    key: `${draft.state.input.run}/${step.id}${markOf(step, units, index)}#${tries}`,
  }));
  const changes = new Map<number, Partial<UnitState>>();
  for (const index of group)
    changes.set(index, { status: 'running', tries, spent: units[index]!.spent + 1, first_at: units[index]!.first_at ?? draft.at });
  changeUnits(draft, step.id, changes);
  changeStep(draft, step.id, { launches: launches + 1 });
  if (step.call.kind === 'runbook') return startChild(draft, step, { id, group, mark: markOf(step, units, group[0]!), tries });
  const perform = performOf(draft.state, { ...step, id, step: step.id, role: 'do', override, seats });
  if ('problem' in perform) return cannotFill(draft, step, group, perform.problem);
  takeOff(draft, id, { kind: 'do', of: step.id, units: group, nodes: seats.map((seat) => seat.node), then_run: false });
  draft.actions.push({ type: 'perform', perform: perform.value });
}

function startChild(
  draft: Draft,
  step: Step,
  { id, group, mark, tries }: { id: string; group: readonly number[]; mark: string; tries: number },
): void {
  const child = childOf(draft, step, { id, mark, tries, unit: draft.state.steps[step.id]!.units[group[0]!]! });
  if ('problem' in child) return cannotFill(draft, step, group, child.problem);
  takeOff(draft, id, { kind: 'child', of: step.id, units: group, nodes: [null], then_run: false });
  draft.actions.push(child.value);
  note(draft, 'child.started', { step: step.id, values: { run: child.value.run, runbook: child.value.runbook } });
}

/** Nothing was sent. With several units the fault may be in one of them alone, so each is tried by itself. */
function cannotFill(draft: Draft, step: Step, group: readonly number[], problem: Problem): void {
  const back = (index: number): Partial<UnitState> => {
    const { tries, spent } = draft.state.steps[step.id]!.units[index]!;
    return { tries: tries - 1, spent: spent - 1 };
  };
  if (group.length === 1)
    return changeUnits(draft, step.id, new Map([[group[0]!, { ...back(group[0]!), status: 'failed' as const, problem }]]));
  changeUnits(draft, step.id, new Map(group.map((index) => [index, { ...back(index), status: 'due' as const }])));
  for (const index of group) run(draft, step, [index]);
}
