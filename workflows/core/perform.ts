import type { Json, JsonMap, Risk } from '../domain/words.ts';
import { expressionsIn, references } from './cel.ts';
import { filled, hasExpression, type Answer } from './expressions.ts';
import { placedPath } from './place.ts';
import type { Call } from './plan.ts';
import type { Perform, Role, Unit } from './run.ts';
import type { RunState, UnitState } from './state.ts';

/** One unit of a perform before its arguments are filled in. */
export interface Seat {
  readonly unit: Pick<UnitState, 'node' | 'item'> | null;
  readonly node: string | null;
  readonly key: string;
}

/** What tells the units of one act apart in their keys: nothing for one, the node when all differ, else their place in the list. */
export function marksOf(nodes: readonly (string | null)[]): string[] {
  if (nodes.length === 1) return [''];
  const isByNode = !nodes.includes(null) && new Set(nodes).size === nodes.length;
  return nodes.map((node, index) => `[${isByNode ? node : index}]`);
}

export interface PerformOptions {
  readonly id: string;
  readonly step: string;
  readonly title: string;
  readonly role: Role;
  readonly call: Call;
  /** What a person gave instead of the arguments as written. */
  readonly override?: JsonMap | null;
  readonly seats: readonly Seat[];
  readonly risk: Risk;
  readonly idempotent: boolean;
  readonly timeout_ms: number | null;
  readonly heartbeat_ms: number;
}

/** A perform with its arguments filled in. What is the same for every unit is said once, the rest per unit. */
export function performOf(state: RunState, options: PerformOptions): Answer<Perform> {
  const { call, seats, override = null } = options;
  const what = `${call.kind} of "${options.step}"`;
  const args: JsonMap = {};
  const own = new Map<string, Json>();
  for (const [key, value] of Object.entries({ ...call.args, ...override })) {
    if (readsUnit(value) || isPlaced(call, value)) own.set(key, value);
    else {
      const each = fill(state, { key, value, what, seat: seats[0]! });
      if ('problem' in each) return each;
      args[key] = each.value;
    }
  }
  const units: Unit[] = [];
  for (const seat of seats) {
    const different = seatArgs(state, { own, what, seat });
    if ('problem' in different) return different;
    const shared = seats.length === 1;
    if (shared) Object.assign(args, different.value);
    units.push({ node: seat.node, key: seat.key, args: shared || own.size === 0 ? null : different.value });
  }
  return { value: sealed(state, options, args, units) };
}

function sealed(state: RunState, options: PerformOptions, args: JsonMap, units: readonly Unit[]): Perform {
  const { id, step, title, role, call, risk, idempotent, timeout_ms, heartbeat_ms } = options;
  const { run, incident, mode, plan } = state.input;
  return {
    id,
    run,
    incident,
    mode,
    step,
    title,
    role,
    kind: call.kind,
    args,
    units,
    risk,
    idempotent,
    timeout_ms,
    heartbeat_ms,
    secrets: plan.secrets,
  };
}

function seatArgs(state: RunState, { own, what, seat }: { own: ReadonlyMap<string, Json>; what: string; seat: Seat }): Answer<JsonMap> {
  const args: JsonMap = {};
  for (const [key, value] of own) {
    const each = fill(state, { key, value, what, seat });
    if ('problem' in each) return each;
    args[key] = each.value;
  }
  return { value: args };
}

function fill(state: RunState, { key, value, what, seat }: { key: string; value: Json; what: string; seat: Seat }): Answer<Json> {
  const unit = seat.unit ?? { node: seat.node, item: null };
  // Every value inside a shell line becomes one quoted word; anywhere else values are data and stay as they are.
  const each = filled(
    state,
    value,
    `${key} of ${what}`,
    { unit: { ...unit, node: unit.node ?? seat.node } },
    key === 'shell' ? 'sh' : undefined,
  );
  if ('problem' in each || typeof each.value !== 'string') return each;
  return key === 'to' || key === 'from' ? { value: placedPath(state, each.value, seat.node) } : each;
}

function isPlaced(call: Call, value: Json): boolean {
  return call.kind === 'copy' && typeof value === 'string' && value.includes(':/');
}

const known = new Map<string, boolean>();

/** Whether a template speaks of the unit (`node`, `item`), and so differs from one to the next. */
function readsUnit(template: Json): boolean {
  if (!hasExpression(template)) return false;
  return expressionsIn(template).some((source) => {
    let reads = known.get(source);
    if (reads === undefined) {
      reads = readsNode(source);
      if (known.size > 1_000) known.clear();
      known.set(source, reads);
    }
    return reads;
  });
}

function readsNode(source: string): boolean {
  try {
    return references(source).some(([root]) => root === 'node' || root === 'item');
  } catch {
    return false;
  }
}
