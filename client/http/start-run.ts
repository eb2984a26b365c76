import { TocsinError } from '../../activities/platform/errors.ts';
import { failpoint } from '../../activities/platform/failpoint.ts';
import type { RunDetail } from '../../activities/records/runs.ts';
import { engineVersion } from '../../workflows/core/plan.ts';
import type { RunInput } from '../../workflows/core/run.ts';
import type { JsonMap, Mode } from '../../workflows/domain/words.ts';
import { startRunWorkflow } from '../start.ts';
import { authoriseStart } from './authority.ts';
import type { ServerDeps } from './deps.ts';

export interface WantedRun {
  readonly runbook: string;
  readonly inputs: JsonMap;
  readonly reason: string;
  readonly mode: Mode;
  readonly by: string;
  readonly incident: string | null;
  /** The plan somebody agreed to; another one is refused. */
  readonly plan_hash?: string | null;
  /** Id it must have (the leading run of an incident), else the next `run-N`. */
  readonly run?: string;
}

/** Checks, binds and stores a run by hand, without starting it. */
export async function storeRun(deps: ServerDeps, wanted: WantedRun): Promise<RunInput> {
  const loaded = deps.library.get(wanted.runbook);
  if (!loaded.plan.triggers.some((trigger) => trigger.on === 'manual') && loaded.plan.triggers.length > 0) {
    throw new TocsinError(`starting a run: "${wanted.runbook}" has no manual trigger`, {
      code: 'E-REFUSED-TRIGGER',
      hint: 'Add "- manual: {}" under its triggers, or start it as they say.',
    });
  }
  authoriseStart(deps.site(), loaded.plan, wanted.by);
  if (wanted.plan_hash && wanted.plan_hash !== loaded.hash) {
    throw new TocsinError(`starting a run: "${wanted.runbook}" was changed since it was agreed to`, {
      code: 'E-REFUSED-PLAN',
      hint: `Look at it again: tocsin plan ${wanted.runbook}`,
    });
  }
  const bound = deps.library.bind(loaded, wanted.inputs);
  const input: RunInput = {
    run: wanted.run ?? (await deps.records.runs.nextId()),
    incident: wanted.incident,
    plan: loaded.plan,
    plan_hash: loaded.hash,
    engine_version: engineVersion,
    inputs: bound.inputs,
    targets: bound.targets,
    alarm: null,
    by: wanted.by,
    reason: wanted.reason,
    mode: wanted.mode,
    hold: null,
  };
  await deps.records.runs.create({ input });
  return input;
}

/** Stored first, started second: whatever dies in between, the dispatcher starts what is left. */
export async function declareRun(deps: ServerDeps, wanted: WantedRun): Promise<RunDetail> {
  const input = await storeRun(deps, wanted);
  failpoint('run-stored');
  try {
    await startRunWorkflow(await deps.temporal(), input);
    await deps.records.runs.started(input.run);
  } catch (error) {
    deps.log.warn({ run: input.run, err: error }, 'run is stored and will be started by the dispatcher');
  }
  const row = await deps.records.runs.get(input.run);
  if (row === null) throw new Error(`run ${input.run} is gone`);
  return row;
}
