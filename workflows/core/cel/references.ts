import type { parse } from '@bufbuild/cel';
import { functionNames } from './functions.ts';
import type { Reads } from './values.ts';

export type Expr = NonNullable<ReturnType<typeof parse>['expr']>;

/** One path an expression reads: `steps.lag.out["bytes"]` = `['steps', 'lag', 'out', 'bytes']`. */
export interface Reference {
  readonly path: readonly string[];
  /** Inside `has(…)`: the last key may be missing. */
  readonly tested: boolean;
  /** Ids of the nodes of the path, to find it again from an error. */
  readonly ids: ReadonlySet<bigint>;
}

/** A function that is called; `literal` is its one text argument when that is written out: `matches("^a")`, `duration("7d")`. */
export interface FunctionCall {
  readonly name: string;
  readonly literal: string | null;
}

interface Walk {
  readonly found: Reference[];
  readonly calls: FunctionCall[];
  /** Names bound by `all`, `map`, …, which are not roots. */
  readonly bound: ReadonlySet<string>;
  readonly depth: number;
}

const comprehensionMax = 3;

/** Every path read by the expression, and every function called. Throws a plain Error when loops are nested too deep to be bounded. */
export function referencesOf(expr: Expr): { readonly references: Reference[]; readonly calls: FunctionCall[] } {
  const walk: Walk = { found: [], calls: [], bound: new Set(), depth: 0 };
  visit(expr, walk);
  return { references: walk.found, calls: walk.calls };
}

function visit(expr: Expr | undefined, walk: Walk): void {
  if (expr === undefined) return;
  const path = pathOf(expr);
  if (path !== null) {
    if (!walk.bound.has(path.path[0]!)) walk.found.push(path);
    return;
  }
  const kind = expr.exprKind;
  if (kind.case === 'selectExpr') visit(kind.value.operand, walk);
  if (kind.case === 'listExpr') kind.value.elements.forEach((item) => visit(item, walk));
  if (kind.case === 'structExpr') visitEntries(kind.value.entries, walk);
  if (kind.case === 'callExpr') visitCall(kind.value, walk);
  if (kind.case === 'comprehensionExpr') visitLoop(kind.value, walk);
}

type Case<K extends Expr['exprKind']['case']> = Extract<Expr['exprKind'], { case: K }> extends { value: infer V } ? V : never;

function visitEntries(entries: Case<'structExpr'>['entries'], walk: Walk): void {
  for (const entry of entries) {
    if (entry.keyKind.case === 'mapKey') visit(entry.keyKind.value, walk);
    visit(entry.value, walk);
  }
}

function visitCall(call: Case<'callExpr'>, walk: Walk): void {
  const target = call.target === undefined ? null : pathOf(call.target);
  const long = target === null ? call.function : `${target.path.join('.')}.${call.function}`;
  const qualified = target !== null && functionNames.has(long);
  if (!qualified) visit(call.target, walk);
  const last = call.args.at(-1)?.exprKind;
  const literal = last?.case === 'constExpr' && last.value.constantKind.case === 'stringValue' ? last.value.constantKind.value : null;
  if (/^[a-z]/i.test(call.function)) walk.calls.push({ name: qualified ? long : call.function, literal });
  call.args.forEach((argument) => visit(argument, walk));
}

function visitLoop(loop: Case<'comprehensionExpr'>, walk: Walk): void {
  if (walk.depth >= comprehensionMax) throw new Error(`loops (all, exists, map, filter) may be nested ${comprehensionMax} deep`);
  visit(loop.iterRange, walk);
  visit(loop.accuInit, walk);
  const inner = { ...walk, bound: new Set([...walk.bound, loop.iterVar, loop.accuVar]), depth: walk.depth + 1 };
  for (const part of [loop.loopCondition, loop.loopStep, loop.result]) visit(part, inner);
}

/** The path, when `expr` is nothing but a name with fixed keys; else `null`. */
function pathOf(expr: Expr): Reference | null {
  const kind = expr.exprKind;
  if (kind.case === 'identExpr') return { path: [kind.value.name.replace(/^\./, '')], tested: false, ids: new Set([expr.id]) };
  if (kind.case === 'selectExpr') return longer(kind.value.operand, kind.value.field, expr.id, kind.value.testOnly);
  if (kind.case !== 'callExpr' || kind.value.function !== '_[_]') return null;
  const key = kind.value.args[1]?.exprKind;
  if (key?.case !== 'constExpr' || key.value.constantKind.case !== 'stringValue') return null;
  return longer(kind.value.args[0], key.value.constantKind.value, expr.id, false);
}

function longer(operand: Expr | undefined, key: string, id: bigint, tested: boolean): Reference | null {
  const base = operand === undefined ? null : pathOf(operand);
  return base === null ? null : { path: [...base.path, key], tested, ids: new Set([...base.ids, id]) };
}

/** The tree of what is read. A path that another one goes through is read whole. */
export function readsOf(references: readonly Reference[]): Reads {
  const reads: Reads = new Map();
  const whole = new Set<Reads>();
  for (const { path } of references) {
    let level = reads;
    for (const key of path) {
      if (!level.has(key)) level.set(key, new Map());
      level = level.get(key)!;
    }
    whole.add(level);
  }
  whole.forEach((level) => level.clear());
  return reads;
}
