import type { Json } from '../domain/words.ts';
import { filled, valueOf, type Answer } from './expressions.ts';
import { nodesAt, placeWritten } from './place.ts';
import type { Share, Step } from './plan.ts';
import type { RunState, UnitState } from './state.ts';

const units_max = 10_000;

function fresh(label: string | null, node: string | null, item: Json): UnitState {
  return { status: 'new', label, node, item, tries: 0, spent: 0, first_at: null, ran: 'no', problem: null, exit: null, out: null };
}

/** What a step acts on, settled the moment it starts: one unit per node or list item, else a single one. */
export function unitsOf(state: RunState, step: Step): Answer<UnitState[]> {
  const written = placeWritten(step.call);
  if (step.each === null) {
    if (written === null) return { value: [fresh(null, null, null)] };
    return placeName(state, step, written, (place) => nodesAt(state, place).map((node) => fresh(node, node, null)));
  }
  if ('target' in step.each) {
    const nodes = state.input.targets[step.each.target] ?? [];
    return { value: nodes.map((node) => fresh(node.name, node.name, null)) };
  }
  const list = valueOf(state, step.each.list, `each of step "${step.id}"`);
  if ('problem' in list) return list;
  if (!Array.isArray(list.value))
    return wrong(`each of step "${step.id}": ${step.each.list} is not a list`, 'give a list or the name of a target');
  if (list.value.length > units_max)
    return wrong(
      `each of step "${step.id}": the list has ${list.value.length} items, the most is ${units_max}`,
      'cut the list into several runs',
    );
  const items = list.value;
  const fixed = written === null || written === 'node' || written.includes('${{') ? null : nodesAt(state, written)[0]!;
  return { value: items.map((item) => fresh(textOf(item), fixed ?? nodeOf(item) ?? textOf(item), item)) };
}

function placeName(state: RunState, step: Step, written: string, make: (place: string) => UnitState[]): Answer<UnitState[]> {
  if (!written.includes('${{')) return { value: make(written) };
  const place = filled(state, written, `on of step "${step.id}"`);
  if ('problem' in place) return place;
  if (typeof place.value === 'string') return { value: make(place.value) };
  const name = nodeOf(place.value);
  return name === null
    ? wrong(`on of step "${step.id}": ${written} is no name of a node or target`, 'name a target of the runbook')
    : { value: make(name) };
}

function wrong<T>(message: string, hint: string): Answer<T> {
  return { problem: { kind: 'refused', message, hint } };
}

function nodeOf(item: Json): string | null {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return null;
  const { name, address } = item;
  return typeof name === 'string' && typeof address === 'string' ? name : null;
}

export function textOf(item: Json): string {
  return nodeOf(item) ?? (typeof item === 'string' ? item : JSON.stringify(item));
}

/** `{count}` as it is; `{percent}` of the whole, rounded up. */
export function share(part: Share, whole: number): number {
  return 'count' in part ? part.count : Math.ceil((part.percent * whole) / 100);
}

export function isMany(step: Step, units: readonly UnitState[]): boolean {
  return step.each !== null || units.length > 1;
}
