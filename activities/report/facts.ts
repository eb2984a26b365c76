import type { Pool } from 'pg';
import type { JsonMap, Moment, Severity } from '../../workflows/domain/words.ts';

/** Everything a report says, as the records hold it. Spans are computed by the database, in whole milliseconds. */
export interface ReportFacts {
  readonly incident: ReportIncident;
  readonly alarms: readonly ReportAlarm[];
  readonly runs: readonly ReportRun[];
  readonly timeline: readonly ReportLine[];
  /** Lines beyond those listed. */
  readonly more_lines: number;
  readonly deliveries: readonly ReportDelivery[];
  readonly follow_ups: readonly ReportFollowUp[];
  readonly drawn_at: Moment;
}

export interface ReportIncident {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  readonly phase: 'open' | 'acknowledged' | 'recovered' | 'resolved';
  readonly commander: string | null;
  readonly opened_at: Moment;
  readonly acknowledged_by: string | null;
  readonly resolved_by: string | null;
  readonly acknowledge_ms: number | null;
  readonly respond_ms: number | null;
  readonly recover_ms: number | null;
  readonly resolve_ms: number | null;
}

export interface ReportAlarm {
  readonly name: string;
  readonly source: string;
  readonly summary: string;
  readonly severity: string;
  readonly count: number;
  readonly first_at: Moment;
  readonly firing: boolean;
}
export interface ReportStep {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly problem: string | null;
  readonly span_ms: number | null;
  readonly done: number;
  readonly of: number;
  readonly undone: boolean;
}
export interface ReportRun {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly mode: string;
  readonly by: string;
  readonly status: string;
  readonly span_ms: number | null;
  readonly problem: { readonly message?: string } | null;
  readonly steps: readonly ReportStep[];
}
export interface ReportLine {
  readonly at: Moment;
  readonly subject: string;
  readonly code: string;
  readonly step: string | null;
  readonly node: string | null;
  readonly by: string | null;
  readonly values: JsonMap;
}
export interface ReportDelivery {
  readonly person: string;
  readonly channel: string;
  readonly template: string;
  readonly status: string;
  readonly attempts: number;
  readonly answer: string | null;
  readonly problem: string | null;
  readonly queued_at: Moment;
  readonly sent_at: Moment | null;
}
export interface ReportFollowUp {
  readonly note: string;
  readonly step: string | null;
  readonly owner: string | null;
  readonly opened_at: Moment;
}

const lines_max = 2_000;

/** First step that changed something, by a hand of ours or confirmed by a person's own: what "respond" means. */
const responded = `coalesce(i.responded_at, (select min(t.at) from timeline t where t.incident = i.id
  and (t.code = 'step.started' and t.values->>'risk' in ('change', 'destructive') or t.code in ('move.confirm', 'move.take_over'))))`;
const ms = (moment: string) => `(extract(epoch from (${moment}) - i.opened_at) * 1000)::bigint`;

/** @returns `null` when there is no such incident. */
export async function readFacts(pool: Pool, incident: string): Promise<ReportFacts | null> {
  const found = await pool.query<ReportIncident & { drawn_at: Moment }>(
    `select i.id, i.title, i.severity, i.service, i.phase, i.commander, i.opened_at, i.acknowledged_by, i.resolved_by, now() as drawn_at,
       ${ms('i.acknowledged_at')} as acknowledge_ms, ${ms(responded)} as respond_ms, ${ms('i.recovered_at')} as recover_ms, ${ms('i.resolved_at')} as resolve_ms
     from incident i where i.id = $1`,
    [incident],
  );
  const row = found.rows[0];
  if (!row) return null;
  const { drawn_at, ...facts } = row;
  const [alarms, runs, timeline, counted, deliveries, follow_ups] = await Promise.all([
    pool.query<ReportAlarm>(
      `select (array_agg(name order by id))[1] as name, source, (array_agg(summary order by id))[1] as summary, (array_agg(severity order by id))[1] as severity,
         coalesce(sum(count) filter (where status = 'firing'), 0)::bigint as count, min(accepted_at) as first_at, (array_agg(status order by id desc))[1] = 'firing' as firing
       from alarm where incident = $1 group by source, dedup_key order by min(id) limit 200`,
      [incident],
    ),
    pool.query<ReportRun>(
      `select r.id, r.title, r.version, r.mode, r.by, r.status, r.problem, (extract(epoch from coalesce(r.ended_at, now()) - r.created_at) * 1000)::bigint as span_ms,
         coalesce((select jsonb_agg(jsonb_build_object('id', s->'id', 'title', s->'title', 'status', s->'status', 'problem', s->'problem', 'done', s->'done', 'of', s->'of',
             'span_ms', (s->>'ended_at')::numeric - (s->>'started_at')::numeric,
             'undone', exists (select from timeline t where t.subject = r.id and t.code = 'undo.ok' and t.step = s->>'id')) order by n)
           from jsonb_array_elements(r.state->'steps') with ordinality as e(s, n)), '[]') as steps
       from run r where r.incident = $1 order by r.position limit 50`,
      [incident],
    ),
    pool.query<ReportLine>(
      'select at, subject, code, step, node, by, values from timeline where incident = $1 order by at, tx, id limit $2',
      [incident, lines_max],
    ),
    pool.query<{ n: number }>('select count(*) as n from timeline where incident = $1', [incident]),
    pool.query<ReportDelivery>(
      'select person, channel, template, status, attempts, answer, problem, queued_at, sent_at from delivery where incident = $1 order by queued_at, id limit 2000',
      [incident],
    ),
    pool.query<ReportFollowUp>('select note, step, owner, opened_at from follow_up where incident = $1 and closed_at is null order by id', [
      incident,
    ]),
  ]);
  return {
    incident: facts,
    alarms: alarms.rows,
    runs: runs.rows,
    timeline: timeline.rows,
    more_lines: Math.max(0, (counted.rows[0]?.n ?? 0) - timeline.rows.length),
    deliveries: deliveries.rows,
    follow_ups: follow_ups.rows,
    drawn_at,
  };
}
