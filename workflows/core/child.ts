import type { JsonMap } from '../domain/words.ts';
import { refused, type Draft } from './draft.ts';
import { filledMap, type Answer } from './expressions.ts';
import { heldNames } from './locks.ts';
import type { Step } from './plan.ts';
import type { Action, Outcome, RunEvent } from './run.ts';
import type { UnitState } from './state.ts';

type Child = Extract<Action, { type: 'child' }>;

interface ChildOptions {
  readonly id: string;
  readonly mark: string;
  readonly tries: number;
  readonly unit: UnitState;
}

/** The nested run of a `runbook` step; a later try is a run of its own. */
export function childOf(draft: Draft, step: Step, { id, mark, tries, unit }: ChildOptions): Answer<Child> {
  const { name, version = null, with: given = {} } = { ...step.call.args, ...draft.state.steps[step.id]!.override };
  const args = filledMap(draft.state, { name: name ?? null, version, ...prefixed(given as JsonMap) }, `runbook of step "${step.id}"`, {
    unit,
  });
  if ('problem' in args) return args;
  const runbook = args.value['name'];
  if (typeof runbook !== 'string')
    return {
      problem: refused(`runbook of step "${step.id}": the name is ${JSON.stringify(runbook)}, not text`, 'name a runbook of the library'),
    };
  const values: JsonMap = {};
  for (const key of Object.keys(given as JsonMap)) values[key] = args.value[`with.${key}`]!;
  const run = `${draft.state.input.run}.${step.id}${mark}${tries === 1 ? '' : `-${tries}`}`;
  return {
    value: {
      type: 'child',
      id,
      run,
      runbook,
      version: args.value['version'] === null ? null : String(args.value['version']),
      with: values,
      held: heldNames(draft.state),
    },
  };
}

function prefixed(given: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [`with.${key}`, value]));
}

/** A nested run's end as an outcome: its `out` is the result. */
export function childOutcome(event: Extract<RunEvent, { type: 'child' }>): Outcome {
  const ok = event.status === 'ok';
  const problem = ok
    ? null
    : (event.problem ?? { kind: 'exit' as const, message: `the nested run ended ${event.status}`, hint: 'look at the nested run' });
  return { node: null, ok, result: event.out, problem, ran: 'yes', seconds: 0 };
}
