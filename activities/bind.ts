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
  readonly get: (name: string) => BoundPlan;
  readonly bind: (loaded: BoundPlan, inputs: JsonMap) => { readonly inputs: JsonMap; readonly targets: Resolved };
}
export interface BoundPlan {
  readonly name: string;
  readonly path: string;
  readonly plan: Plan;
  readonly hash: string;
}

/** A runbook that calls itself must not fill the engine. */
const deepest = 8;

/** Turns the wish for a nested run into its pinned input, and notes the run so that people see it from its first moment. */
export function createBindRunbook(deps: Deps, binder: Binder | null): (request: BindRequest) => Promise<RunInput> {
  return async function bindRunbook(request) {
    const known = await deps.records.runs.input(request.run);
    // A retry after the answer was lost: the run stays what it was, whatever the files say now.
    if (known !== null) return known;
    const input = nonRetryable(() => inputOf(request, binder));
    await deps.records.runs.create({ input, parent: request.parent.run, started: true });
    return input;
  };
}

function inputOf(request: BindRequest, binder: Binder | null): RunInput {
  const act = `Starting runbook "${request.runbook}" inside run "${request.parent.run}"`;
  if (binder === null) throw new TocsinError(`${act} failed: this worker has no library`, { code: 'E-NO-LIBRARY' });
  if (request.run.split('.').length > deepest) throw new TocsinError(`${act} failed: runs are nested ${deepest} deep already`, { code: 'E-RUN-DEPTH', hint: 'Does the runbook call itself?' });
  const loaded = binder.get(request.runbook);
  const { version } = loaded.plan;
  if (!inRange(version, request.version)) {
    throw new TocsinError(`${act} failed: the library has version ${version}, wanted ${request.version}`, { code: 'E-RUNBOOK-VERSION', hint: `Update "${loaded.path}", or the range in the step` });
  }
  const { inputs, targets } = binder.bind(loaded, request.with);
  const { incident, alarm, by, reason, mode } = request.parent;
  return { run: request.run, incident, plan: loaded.plan, plan_hash: loaded.hash, engine_version: engineVersion, inputs, targets, alarm, by, reason, mode, hold: null };
}

/** `2`, `=2`, `>=2`, `>1`, `<=3`, `<4`, and several of them with spaces between. */
export function inRange(version: number, range: string | null): boolean {
  if (range === null || range.trim() === '') return true;
  return range.trim().split(/[\s,]+/).every((part) => {
    const found = /^(>=|<=|>|<|=)?(\d+)$/.exec(part);
    if (found === null) throw new TocsinError(`Reading version range "${range}" failed: "${part}" is no range`, { code: 'E-RUNBOOK-VERSION', hint: 'Write for example ">=2 <4"' });
    const wanted = Number(found[2]);
    switch (found[1]) {
      case '>=': return version >= wanted;
      case '<=': return version <= wanted;
      case '>': return version > wanted;
      case '<': return version < wanted;
      default: return version === wanted;
    }
  });
}

/** What a file says does not change by asking again within this step. */
function nonRetryable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    throw ApplicationFailure.create({ message: error.message, type: error.code, nonRetryable: true, details: [error.hint] });
  }
}
