import type { Json } from '../domain/words.ts';
import { filled } from './expressions.ts';
import type { Call } from './plan.ts';
import type { RunState } from './state.ts';

const target = /^([A-Za-z][\w.-]*):(?=\/)/;

/** What a call says about where it acts, still as written: `on: standby`, or the target before the colon of a `copy`. */
export function placeWritten(call: Call): string | null {
  const { on, from, to } = call.args;
  if (typeof on === 'string') return on;
  if (call.kind !== 'copy') return null;
  return prefix(to) ?? prefix(from);
}

function prefix(value: Json | undefined): string | null {
  return typeof value === 'string' ? (target.exec(value)?.[1] ?? null) : null;
}

/** Nodes a written place stands for: those of a target, one node by name, or `null` for no place at all. */
export function nodesAt(state: RunState, place: string): readonly string[] {
  const nodes = state.input.targets[place];
  return nodes === undefined ? [place] : nodes.map((node) => node.name);
}

/** Where an act that belongs to no unit of a step goes: every node of the place it names. */
export function nodesOf(state: RunState, call: Call): readonly (string | null)[] {
  const written = placeWritten(call);
  if (written === null) return [null];
  const place = filled(state, written, `on of ${call.kind}`);
  return 'value' in place && typeof place.value === 'string' ? nodesAt(state, place.value) : [null];
}

/** `standby:/etc/x` names a node once the target is known: `db2:/etc/x`. */
export function placedPath(state: RunState, value: Json, node: string | null): Json {
  const name = prefix(value);
  if (name === null) return value;
  const own = state.input.targets[name];
  if (own === undefined) return name === 'node' && node !== null ? `${node}${(value as string).slice(name.length)}` : value;
  const chosen = node !== null && own.some((each) => each.name === node) ? node : own[0]?.name;
  return chosen === undefined ? value : `${chosen}${(value as string).slice(name.length)}`;
}
