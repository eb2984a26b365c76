import { ApplicationFailure } from '@temporalio/common';
import { engineVersion } from '../workflows/core/plan.ts';
import type { Plan, Resolved } from '../workflows/core/plan.ts';
import type { RunInput } from '../workflows/core/run.ts';
import type { JsonMap } from '../workflows/domain/words.ts';
import type { BindRequest } from '../workflows/shell/children.ts';
import type { Deps } from './deps.ts';
import { TocsinError } from './platform/errors.ts';

/** What a nested run needs of the runbooks' library; the library itself is nothing a hand knows. */
export interface Binder {
  /** The newest runbook of that name within the range, with inputs checked and targets settled. Throws `TocsinError`. */
  readonly bind: (wanted: { readonly name: string; readonly version: string | null; readonly inputs: JsonMap }) => Promise<BoundPlan>;
}
export interface BoundPlan {
  readonly plan: Plan;
  readonly hash: string;
  readonly inputs: JsonMap;
  readonly targets: Resolved;
}

/** A runbook that calls itself must not fill the engine. */
const deepest = 8;

/** Turns the wish for a nested run into its pinned input, and notes the run so that people see it from its first moment. */
export function createBindRunbook(deps: Deps, binder: Binder | null): (request: BindRequest) => Promise<RunInput> {
  return async function bindRunbook(request) {
    const known = await deps.records.runs.input(request.run);
    // A retry after the answer was lost: the run stays what it was, whatever the files say now.
    if (known !== null) return known;
    const input = await forGood(() => inputOf(request, binder));
    await deps.records.runs.create({ input, parent: request.parent.run, started: true });
    return input;
  };
}

async function inputOf(request: BindRequest, binder: Binder | null): Promise<RunInput> {
  const act = `Starting runbook "${request.runbook}" inside run "${request.parent.run}"`;
  if (binder === null) throw new TocsinError(`${act} failed: this worker has no library`, { code: 'E-NO-LIBRARY' });
  if (request.run.split('.').length > deepest)
    throw new TocsinError(`${act} failed: runs are nested ${deepest} deep already`, {
      code: 'E-RUN-DEPTH',
      hint: 'Does the runbook call itself?',
    });
  const { plan, hash, inputs, targets } = await binder.bind({ name: request.runbook, version: request.version, inputs: request.with });
  const { incident, alarm, by, reason, mode } = request.parent;
  return {
    run: request.run,
    incident,
    plan,
    plan_hash: hash,
    engine_version: engineVersion,
    inputs,
    targets,
    alarm,
    by,
    reason,
    mode,
    hold: null,
  };
}

/** What a file says does not change by asking again within this step: such a failure is final. */
async function forGood<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    throw ApplicationFailure.create({ message: error.message, type: error.code, nonRetryable: true, details: [error.hint] });
  }
}
