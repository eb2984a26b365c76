import type { Pool } from 'pg';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Moment } from '../../workflows/domain/words.ts';
import { acceptAlarms, type Accepted } from './alarm-intake.ts';
import type { Db } from './pool.ts';
import { clampLimit, toDate, toPage, toTextOrNull, type Page, type PageOptions } from './text.ts';

export const alarmStates = ['accepted', 'held', 'joined', 'opened', 'skipped', 'cleared'] as const;
export type AlarmState = (typeof alarmStates)[number];

/** An alarm as kept: the event plus what became of it and why. */
export interface AlarmRow extends Alarm {
  readonly id: number;
  readonly occurrence: number;
  readonly count: number;
  readonly accepted_at: Moment;
  readonly seen_at: Moment;
  readonly state: AlarmState;
  readonly reason: string | null;
  readonly due_at: Moment | null;
  readonly runbook: string | null;
  readonly converge_key: string | null;
  readonly incident: string | null;
  readonly dispatched_at: Moment | null;
}

export interface Settled {
  readonly state: AlarmState;
  readonly reason: string | null;
  readonly incident?: string | null;
  readonly runbook?: string | null;
  readonly converge_key?: string | null;
  readonly due_at?: Moment | null;
  /** Nothing is left to be told to the incident's workflow. */
  readonly delivered?: boolean;
}

export interface AlarmCounts {
  readonly accepted: number;
  readonly deduplicated: number;
  readonly dispatched: number;
  readonly waiting: number;
  /** Age of the oldest alarm nobody has looked at, in milliseconds. */
  readonly lag_ms: number;
}

export interface AlarmRecords {
  /** Stores the raw request and its alarms in one transaction; resolves only after the commit. */
  accept(source: string, body: Buffer, alarms: readonly Alarm[]): Promise<Accepted>;
  get(id: number): Promise<AlarmRow | null>;
  list(
    options?: PageOptions & {
      readonly state?: AlarmState | undefined;
      readonly incident?: string | undefined;
      readonly source?: string | undefined;
    },
  ): Promise<Page<AlarmRow>>;
  ofIncident(incident: string): Promise<readonly AlarmRow[]>;
  /** What the dispatcher must look at now, oldest first: accepted, or held and due. */
  pending(limit: number): Promise<readonly AlarmRow[]>;
  /** When the next held alarm is due. */
  nextDue(): Promise<Moment | null>;
  /** Joined or opened, but the incident's workflow has not been told. */
  undelivered(limit: number, older_than_ms: number): Promise<readonly AlarmRow[]>;
  delivered(ids: readonly number[]): Promise<void>;
  /** False when another dispatcher was faster. */
  settle(id: number, settled: Settled, db?: Db): Promise<boolean>;
  /** The resolve of this very firing that came before it, out of order. */
  earlierResolve(alarm: AlarmRow): Promise<AlarmRow | null>;
  /** The firing that a resolve ends. */
  firingOf(alarm: AlarmRow): Promise<AlarmRow | null>;
  counts(): Promise<AlarmCounts>;
}

const columns =
  'id, source, dedup_key, status, starts_at, ends_at, occurrence, name, summary, source_severity, severity, labels, annotations, links, extra, count, accepted_at, seen_at, state, reason, due_at, runbook, converge_key, incident, dispatched_at';

export function createAlarms(pool: Pool): AlarmRecords {
  async function some(text: string, values: unknown[]): Promise<readonly AlarmRow[]> {
    return (await pool.query<AlarmRow>(`select ${columns} from alarm ${text}`, values)).rows;
  }

  return {
    accept: (source, body, alarms) => acceptAlarms(pool, source, body, alarms),
    get: async (id) => (await some('where id = $1', [id]))[0] ?? null,
    async list(options = {}) {
      const limit = clampLimit(options.limit);
      const rows = await some(
        'where ($1::bigint is null or id < $1) and ($2::text is null or state = $2) and ($3::text is null or incident = $3) and ($4::text is null or source = $4) order by id desc limit $5',
        [options.before ?? null, options.state ?? null, options.incident ?? null, options.source ?? null, limit + 1],
      );
      return toPage(rows, limit, (row) => row.id);
    },
    ofIncident: (incident) => some('where incident = $1 order by id', [incident]),
    pending: (limit) => some("where state = 'accepted' or (state = 'held' and due_at <= now()) order by id limit $1", [limit]),
    async nextDue() {
      return (await pool.query<{ due: Moment | null }>("select min(due_at) as due from alarm where state = 'held'")).rows[0]?.due ?? null;
    },
    undelivered: (limit, older_than_ms) =>
      some("where state in ('joined','opened') and not delivered and dispatched_at < now() - $2 * interval '1 ms' order by id limit $1", [
        limit,
        older_than_ms,
      ]),
    async delivered(ids) {
      await pool.query('update alarm set delivered = true where id = any($1)', [ids]);
    },
    async settle(id, settled, db = pool) {
      const done = await db.query(
        `update alarm set state = $2, reason = $3, incident = coalesce($4, incident), runbook = coalesce($5, runbook), converge_key = coalesce($6, converge_key),
           due_at = $7, delivered = $8, dispatched_at = case when $2 = 'held' then null else now() end
         where id = $1 and state in ('accepted','held')`,
        [
          id,
          settled.state,
          toTextOrNull(settled.reason),
          settled.incident ?? null,
          settled.runbook ?? null,
          toTextOrNull(settled.converge_key),
          toDate(settled.due_at),
          settled.delivered ?? false,
        ],
      );
      return done.rowCount === 1;
    },
    async earlierResolve(alarm) {
      return (
        (
          await some("where source = $1 and dedup_key = $2 and status = 'resolved' and starts_at = $3 and id < $4 limit 1", [
            alarm.source,
            alarm.dedup_key,
            toDate(alarm.starts_at),
            alarm.id,
          ])
        )[0] ?? null
      );
    },
    async firingOf(alarm) {
      return (
        (
          await some(
            `where source = $1 and dedup_key = $2 and status = 'firing' and id < $3
         order by (starts_at is not distinct from $4 and occurrence = $5) desc, id desc limit 1`,
            [alarm.source, alarm.dedup_key, alarm.id, toDate(alarm.starts_at), alarm.occurrence],
          )
        )[0] ?? null
      );
    },
    async counts() {
      const row = (
        await pool.query<AlarmCounts>(
          `select count(*) as accepted, coalesce(sum(count - 1), 0)::bigint as deduplicated, count(dispatched_at) as dispatched,
           count(*) filter (where state in ('accepted','held')) as waiting,
           coalesce((extract(epoch from now() - min(accepted_at) filter (where state = 'accepted')) * 1000)::bigint, 0) as lag_ms
         from alarm`,
        )
      ).rows[0];
      return row ?? { accepted: 0, deduplicated: 0, dispatched: 0, waiting: 0, lag_ms: 0 };
    },
  };
}
