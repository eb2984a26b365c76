import { TocsinError } from '../activities/platform/errors.ts';
import type { Plan, Resolved } from '../workflows/core/plan.ts';
import type { Node } from '../workflows/domain/site.ts';
import type { Json, JsonMap, Moment } from '../workflows/domain/words.ts';
import { bindInputs } from './bind/inputs.ts';
import { resolveTargets } from './bind/targets.ts';

export interface BindOptions {
  readonly plan: Plan;
  /** As given: values of the right type, or text (from a command line) that is read as that type. */
  readonly inputs: { readonly [name: string]: Json };
  readonly nodes: readonly Node[];
  /** For `now()` in `where` and `pick`. */
  readonly now?: Moment;
}

export interface Bound {
  /** Every input of the plan; `null` for one that is neither given nor required. */
  readonly inputs: JsonMap;
  readonly targets: Resolved;
}

/**
 * Settles what a run is started with: inputs checked, targets resolved over the inventory.
 * @throws TocsinError `E-INPUT` or `E-TARGET`; the message lists all that is wrong
 */
export function bind({ plan, inputs, nodes, now }: BindOptions): Bound {
  const bound = bindInputs(plan, inputs);
  if (bound.problems.length > 0) {
    throw new TocsinError(`cannot start "${plan.runbook}": ${bound.problems.join('; ')}`, {
      code: 'E-INPUT',
      hint: `its inputs are ${described(plan)}`,
    });
  }
  const targets = resolveTargets({ plan, inputs: bound.inputs, nodes, now: now ?? null });
  if (targets.problems.length > 0) {
    throw new TocsinError(`cannot start "${plan.runbook}": ${targets.problems.map(({ message }) => message).join('; ')}`, {
      code: 'E-TARGET',
      hint: targets.problems[0]!.hint,
    });
  }
  return { inputs: bound.inputs, targets: targets.resolved };
}

function described(plan: Plan): string {
  const words = Object.entries(plan.inputs).map(([name, spec]) => `${name} (${spec.type}${spec.required ? ', required' : ''})`);
  return words.length === 0 ? 'none' : words.join(', ');
}
