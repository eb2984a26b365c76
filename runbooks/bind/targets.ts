import { evaluate, ExpressionError, holds, type Scope, type ScopeValue } from '../../workflows/core/cel.ts';
import type { Plan, Resolved, TargetSpec } from '../../workflows/core/plan.ts';
import type { Node } from '../../workflows/domain/site.ts';
import type { Json, JsonMap, Moment } from '../../workflows/domain/words.ts';
import { inputScope } from './inputs.ts';

interface ResolveOptions {
  readonly plan: Plan;
  readonly inputs: JsonMap;
  readonly nodes: readonly Node[];
  readonly now: Moment | null;
}

interface TargetProblem {
  readonly message: string;
  readonly hint: string;
}

export function resolveTargets({ plan, inputs, nodes, now }: ResolveOptions): {
  readonly resolved: Resolved;
  readonly problems: readonly TargetProblem[];
} {
  const problems: TargetProblem[] = [];
  const resolved: { [target: string]: readonly Node[] } = {};
  const views = nodes.map((node) => ({ node, scope: { node: nodeView(node), inputs: inputScope(plan, inputs) } }));
  for (const [name, spec] of Object.entries(plan.targets)) {
    try {
      const found = views.filter(({ scope }) => holdsFor(spec.where, scope, now));
      const chosen = spec.pick === null || found.length === 0 ? found : [best(found, spec.pick, now)];
      resolved[name] = chosen.map(({ node }) => plain(node)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const problem = countProblem(
        name,
        spec,
        found.map(({ node }) => node.name),
        nodes.length,
      );
      if (problem !== null) problems.push(problem);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      problems.push({ message: `target "${name}": ${error.message}`, hint: error.hint ?? 'correct the expression' });
    }
  }
  return { resolved, problems };
}

/** `node.name`, `node.tags`, `node.vars.x`, and every variable also as `node.x` unless one of ours has that name. */
export function nodeView(node: Node): ScopeValue {
  return { ...node.vars, ...plain(node) } as ScopeValue;
}

/** Without what only hands may know (port, user, key): a run's input is kept for years. */
function plain({ name, address, tags, vars }: Node): Node {
  return { name, address, tags, vars };
}

/** A host that lacks the variable asked for is not meant; any other failure of the expression is the author's to mend. */
function holdsFor(where: string, scope: Scope, now: Moment | null): boolean {
  try {
    return holds(where, scope, { now });
  } catch (error) {
    if (error instanceof ExpressionError && error.code === 'E-EXPR-MISSING' && /"node[."]/.test(error.message)) return false;
    throw error;
  }
}

type View = { readonly node: Node; readonly scope: Scope };

/** A host without the value loses against all that have one; ties go to the first name. */
function best(found: readonly View[], pick: NonNullable<TargetSpec['pick']>, now: Moment | null): View {
  const ranked = found.map((view) => ({ view, value: valueFor(pick.by, view.scope, now) }));
  const known = ranked.filter(({ value }) => value !== null);
  const sign = pick.order === 'min' ? 1 : -1;
  const order = (a: Json, b: Json) => (a === b ? 0 : (a as number) < (b as number) ? -sign : sign);
  const [first] = (known.length > 0 ? known : ranked).toSorted(
    (a, b) => order(a.value, b.value) || (a.view.node.name < b.view.node.name ? -1 : 1),
  );
  return first!.view;
}

function valueFor(by: string, scope: Scope, now: Moment | null): number | string | null {
  try {
    const value = evaluate(by, scope, { now });
    return typeof value === 'number' || typeof value === 'string' ? value : null;
  } catch (error) {
    if (error instanceof ExpressionError && error.code === 'E-EXPR-MISSING') return null;
    throw error;
  }
}

function countProblem(
  name: string,
  { where, exactly, at_least: least }: TargetSpec,
  found: readonly string[],
  all: number,
): TargetProblem | null {
  const count = `${found.length} of ${all} host${all === 1 ? '' : 's'}${found.length > 0 ? ` (${found.slice(0, 5).join(', ')}${found.length > 5 ? ', …' : ''})` : ''}`;
  const hint = `check "${where}" against hosts.yaml: tocsin check lists the hosts`;
  if (exactly !== null && found.length !== exactly) return { message: `target "${name}" must be exactly ${exactly}, it is ${count}`, hint };
  if (found.length < least) return { message: `target "${name}" must be at least ${least}, it is ${count}`, hint };
  return null;
}
