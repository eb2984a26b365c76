import type { AlarmRow } from '../../activities/records/alarms.ts';
import { transaction } from '../../activities/records/pool.ts';
import type { SeqNote } from '../../activities/records/timeline.ts';
import { failpoint } from '../../activities/platform/failpoint.ts';
import { firstTold, graver, tiersOf } from '../../client/tiers.ts';
import type { Loaded } from '../../runbooks/shelf.ts';
import type { Bound } from '../../runbooks/bind.ts';
import { engineVersion } from '../../workflows/core/plan.ts';
import type { IncidentInput } from '../../workflows/core/people.ts';
import type { RunInput } from '../../workflows/core/run.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import type { Context } from './context.ts';

export interface Opening {
  readonly row: AlarmRow;
  readonly converge_key: string;
  /** The runbook that leads, or `null`: people act. */
  readonly runbook: Loaded | null;
  /** What it is started with, or `null` when that could not be settled: the incident opens all the same. */
  readonly bound: Bound | null;
  readonly hold: string | null;
  readonly release: string | null;
  readonly reason: string;
  readonly notes: readonly { readonly code: string; readonly values: JsonMap }[];
}

export interface Opened {
  readonly incident: IncidentInput;
  readonly run: RunInput | null;
}

/** The event alone, without what the records know about it. */
export function alarmOf(row: AlarmRow): Alarm {
  const { source, dedup_key, status, name, summary, source_severity, severity, labels, annotations, starts_at, ends_at, links, extra } =
    row;
  return {
    source,
    dedup_key,
    status,
    name,
    summary,
    source_severity,
    severity,
    labels,
    annotations,
    starts_at,
    ends_at,
    links,
    ...(extra ? { extra } : {}),
  };
}

/**
 * Stores incident, run and the alarm's fate in one transaction; ids are derived, so that whoever starts them later starts the same ones.
 * `null` when another dispatcher was faster.
 */
export async function openIncident(context: Context, opening: Opening): Promise<Opened | null> {
  const { records } = context;
  const { row, runbook, bound } = opening;
  const opened = await transaction(records.pool, async (db) => {
    const id = await records.incidents.nextId(db);
    const settled = await records.alarms.settle(
      row.id,
      { state: 'opened', reason: opening.reason, incident: id, runbook: runbook?.name ?? null, converge_key: opening.converge_key },
      db,
    );
    if (!settled) return null;
    if (opening.release !== null) await records.incidents.releaseKey(opening.release, db);
    const inputs = inputsOf(context, opening, id);
    await records.incidents.open({ input: inputs.incident, converge_key: opening.converge_key, runbook: runbook?.name ?? null }, db);
    if (inputs.run !== null) await records.runs.create({ input: inputs.run, alarm: row.id }, db);
    const at = inputs.incident.opened_at;
    const notes: SeqNote[] = opening.notes.map((note, index) => ({ seq: index + 1, at, step: null, node: null, by: null, ...note }));
    await records.timeline.append(`intake/${id}`, id, notes, db);
    return { ...inputs, runbook, bound };
  });
  if (opened !== null) failpoint('opened');
  return opened;
}

function inputsOf(context: Context, { row, runbook, bound, hold }: Opening, id: string): Opened {
  const alarm = alarmOf(row);
  const run: RunInput | null =
    runbook === null || bound === null
      ? null
      : {
          run: `${id}.1`,
          incident: id,
          plan: runbook.plan,
          plan_hash: runbook.hash,
          engine_version: engineVersion,
          inputs: bound.inputs,
          targets: bound.targets,
          alarm,
          by: `alarm:${row.source}`,
          reason: titleOf(alarm),
          mode: 'live',
          hold,
        };
  return {
    run,
    incident: {
      incident: id,
      title: titleOf(alarm),
      severity: runbook === null ? row.severity : graver(row.severity, runbook.plan.severity),
      service: serviceOf(alarm),
      // The clock of people begins when the alarm was accepted, or when its hold was over; however long the engine was away.
      opened_at: row.state === 'held' ? (row.due_at ?? row.accepted_at) : row.accepted_at,
      tiers: tiersOf(runbook?.plan ?? null, context.site()),
      first: firstTold,
      commander: null,
      run: run?.run ?? null,
      alarms: [alarm],
      engine_version: engineVersion,
    },
  };
}

function titleOf({ name, summary }: Alarm): string {
  return (summary === '' ? name : `${name}: ${summary}`).replace(/\s+/g, ' ').slice(0, 300);
}

function serviceOf({ labels }: Alarm): string | null {
  return labels['service'] ?? labels['app'] ?? labels['job'] ?? null;
}
