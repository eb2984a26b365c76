import type { JsonMap } from '../domain/words.ts';
import type { Node } from '../domain/site.ts';
import { Instant, Span, type Scope, type ScopeValue } from './cel.ts';
import { durationMs } from '../domain/duration.ts';
import type { Resolved, TargetSpec } from './plan.ts';
import type { Problem } from './run.ts';
import type { RunState, StepState, UnitState } from './state.ts';

/** What an expression sees beside the run as a whole. */
export interface Here {
  readonly unit?: Pick<UnitState, 'node' | 'item'> | null;
  readonly result?: JsonMap | null;
  readonly error?: (Problem & { readonly step: string | null; readonly node: string | null; readonly exit: number | null }) | null;
  readonly out?: JsonMap | null;
}

type Root = (state: RunState, here: Here) => ScopeValue | undefined;

const roots = {
  inputs: inputsOf,
  targets: targetsOf,
  steps: stepsOf,
  row: (_, here) => rowOf(here.result),
  result: (_, here) => here.result ?? undefined,
  error: (state, here) => (here.error === undefined ? failureOf(state) : here.error) as unknown as ScopeValue,
  run: runOf,
  alarm: ({ input }) => input.alarm as unknown as ScopeValue,
  node: (state, here) => (here.unit?.node == null ? undefined : nodeNamed(state, here.unit.node)),
  // Under `each: TARGET` the item is the node; it is not kept a thousand times in the state.
  item: (state, here) =>
    here.unit == null ? undefined : here.unit.item === null && here.unit.node !== null ? nodeNamed(state, here.unit.node) : here.unit.item,
  out: (_, here) => here.out ?? undefined,
  checks: checksOf,
  objectives: ({ input }) => spans({ rto: input.plan.objectives.rto_ms, rpo: input.plan.objectives.rpo_ms }),
} satisfies { readonly [name: string]: Root };

export const rootNames = Object.keys(roots) as readonly (keyof typeof roots)[];

/** What an expression sees; `needed` are the roots it reads, since most read one or two of them. */
export function scopeOf(state: RunState, here: Here, needed: readonly string[] = rootNames): Scope {
  const scope: { [root: string]: ScopeValue | undefined } = {};
  for (const name of needed) {
    if (Object.hasOwn(roots, name)) scope[name] = (roots as { readonly [name: string]: Root })[name]!(state, here);
  }
  return scope;
}

function spans(values: { readonly [key: string]: number | null }): ScopeValue {
  return Object.fromEntries(Object.entries(values).map(([key, ms]) => [key, ms === null ? null : new Span(ms)]));
}

function inputsOf({ input }: RunState): ScopeValue {
  const durations = Object.entries(input.plan.inputs).filter(([, spec]) => spec.type === 'duration');
  if (durations.length === 0) return input.inputs;
  const found: { [key: string]: ScopeValue } = { ...input.inputs };
  for (const [name] of durations) {
    const given = input.inputs[name];
    const ms = typeof given === 'string' ? durationMs(given) : null;
    if (ms !== null) found[name] = new Span(ms);
  }
  return found;
}

/** A target that can only be one node is that node; any other is a list, also when it happens to hold one. */
export function isSingle(spec: TargetSpec | undefined): boolean {
  return spec !== undefined && (spec.exactly === 1 || spec.pick !== null);
}

const views = new WeakMap<Node, ScopeValue>();

/** `node.name`, `node.tags`, `node.vars.x`; every var also as `node.x`, unless it would hide one of ours. */
export function nodeView(node: Node): ScopeValue {
  let view = views.get(node);
  if (view === undefined) {
    view = { ...node.vars, ...(node as unknown as JsonMap) };
    views.set(node, view);
  }
  return view;
}

function targetsOf({ input }: RunState): ScopeValue {
  const found: { [key: string]: ScopeValue } = {};
  for (const [name, nodes] of Object.entries(input.targets)) {
    const list = nodes.map(nodeView);
    found[name] = isSingle(input.plan.targets[name]) && list[0] !== undefined ? list[0] : list;
  }
  return found;
}

const byName = new WeakMap<Resolved, Map<string, Node>>();

function nodeNamed({ input }: RunState, name: string): ScopeValue {
  let index = byName.get(input.targets);
  if (index === undefined) {
    index = new Map(Object.values(input.targets).flatMap((nodes) => nodes.map((node) => [node.name, node] as const)));
    byName.set(input.targets, index);
  }
  const node = index.get(name);
  return node === undefined ? { name } : nodeView(node);
}

function stepsOf(state: RunState): ScopeValue {
  const found: { [key: string]: ScopeValue } = {};
  for (const id in state.steps) found[id] = stepView(state.steps[id]!);
  return found;
}

function stepView(step: StepState): ScopeValue {
  const view: { [key: string]: ScopeValue } = { status: step.status };
  if (step.out !== null && step.status !== 'skipped') view['out'] = step.out;
  if (step.started_at !== null && step.ended_at !== null) view['seconds'] = (step.ended_at - step.started_at) / 1_000;
  if (step.problem !== null) view['error'] = step.problem as unknown as ScopeValue;
  return view;
}

/** Once a run fails, its reactions may read why. */
function failureOf({ failure }: RunState): Here['error'] {
  return failure === null ? null : { ...failure.problem, step: failure.step, node: null, exit: null };
}

function rowOf(result: JsonMap | null | undefined): ScopeValue | undefined {
  const rows = result?.['rows'];
  return Array.isArray(rows) ? rows[0] : undefined;
}

function runOf(state: RunState): ScopeValue {
  const { input } = state;
  return {
    id: input.run,
    incident: input.incident,
    runbook: input.plan.runbook,
    version: input.plan.version,
    title: input.plan.title,
    severity: input.plan.severity,
    mode: input.mode,
    by: input.by,
    reason: input.reason,
    status: statusWord(state),
    started_at: new Instant(state.started_at),
    duration: new Span((state.ended?.at ?? state.now) - state.started_at),
    acked_within: state.acked_at === null ? null : new Span(state.acked_at - state.started_at),
    undo: { failed: state.undone.failed, ok: state.undone.ok },
  };
}

function statusWord(state: RunState): string {
  if (state.ended !== null) return state.ended.status;
  if (state.abort !== null) return 'aborted';
  return state.failure === null ? 'ok' : 'failed';
}

function checksOf({ checks }: RunState): ScopeValue {
  const view = (list: RunState['checks']['before']): ScopeValue => ({
    failed: list.some((check) => check.status === 'failed'),
    messages: list.flatMap((check) => (check.status === 'failed' && check.message !== null ? [check.message] : [])),
  });
  return { before: view(checks.before), after: view(checks.after) };
}
