import type { IncidentRow } from '../../activities/records/incidents.ts';
import { transaction } from '../../activities/records/pool.ts';
import { engineVersion } from '../../workflows/core/plan.ts';
import type { IncidentInput } from '../../workflows/core/people.ts';
import type { RunInput } from '../../workflows/core/run.ts';
import type { JsonMap, Severity } from '../../workflows/domain/words.ts';
import { startIncidentWorkflow, startRunWorkflow } from '../start.ts';
import { firstTold, graver, tiersOf } from '../tiers.ts';
import type { ServerDeps } from './deps.ts';

export interface Declared {
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  readonly runbook: string | null;
  readonly inputs: JsonMap;
  readonly by: string;
  readonly reason: string;
}

/** Opens an incident by hand, with the run that leads it when a runbook is named. Stored first, started second. */
export async function declareIncident(deps: ServerDeps, wanted: Declared): Promise<IncidentRow> {
  const loaded = wanted.runbook === null ? null : deps.library.get(wanted.runbook);
  const bound = loaded === null ? null : deps.library.bind(loaded, wanted.inputs);
  const { records } = deps;
  const id = await records.incidents.nextId();
  const run: RunInput | null =
    loaded === null || bound === null
      ? null
      : {
          run: `${id}.1`,
          incident: id,
          plan: loaded.plan,
          plan_hash: loaded.hash,
          engine_version: engineVersion,
          inputs: bound.inputs,
          targets: bound.targets,
          alarm: null,
          by: wanted.by,
          reason: wanted.reason || wanted.title,
          mode: 'live',
          hold: null,
        };
  const severity = loaded === null ? wanted.severity : graver(wanted.severity, loaded.plan.severity);
  const input: IncidentInput = {
    incident: id,
    title: wanted.title,
    severity,
    service: wanted.service,
    opened_at: Date.now(),
    tiers: tiersOf(loaded?.plan ?? null, deps.site()),
    first: firstTold,
    commander: null,
    run: run?.run ?? null,
    alarms: [],
    engine_version: engineVersion,
  };
  await transaction(records.pool, async (db) => {
    await records.incidents.open({ input, converge_key: null, runbook: loaded?.name ?? null }, db);
    if (run !== null) await records.runs.create({ input: run }, db);
    await records.timeline.append(
      `intake/${id}`,
      id,
      [
        {
          seq: 1,
          at: input.opened_at,
          code: 'intake.declared',
          step: null,
          node: null,
          by: wanted.by,
          values: { title: wanted.title, reason: wanted.reason },
        },
      ],
      db,
    );
  });
  await start(deps, input, run);
  const row = await records.incidents.get(id);
  if (row === null) throw new Error(`incident ${id} is gone`);
  return row;
}

async function start(deps: ServerDeps, input: IncidentInput, run: RunInput | null): Promise<void> {
  try {
    const client = await deps.temporal();
    await Promise.all([
      startIncidentWorkflow(client, input).then(() => deps.records.incidents.started(input.incident)),
      run === null ? null : startRunWorkflow(client, run).then(() => deps.records.runs.started(run.run)),
    ]);
  } catch (error) {
    deps.log.warn({ incident: input.incident, err: error }, 'incident is stored and will be started by the dispatcher');
  }
}
