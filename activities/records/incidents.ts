import type { Pool } from 'pg';
import type { IncidentInput } from '../../workflows/core/people.ts';
import type { Next } from '../../workflows/core/run.ts';
import type { JsonMap, Moment, Severity } from '../../workflows/domain/words.ts';
import type { Db } from './pool.ts';
import { clampLimit, toDate, toJsonb, toJsonbOrNull, toPage, toText, toTextOrNull, type Page, type PageOptions } from './text.ts';

export const incidentPhases = ['open', 'acknowledged', 'recovered', 'resolved'] as const;
export type IncidentPhase = (typeof incidentPhases)[number];

export interface IncidentRow {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  readonly phase: IncidentPhase;
  readonly commander: string | null;
  readonly converge_key: string | null;
  readonly runbook: string | null;
  /** The run that leads it. */
  readonly run: string | null;
  readonly opened_at: Moment;
  readonly acknowledged_at: Moment | null;
  readonly acknowledged_by: string | null;
  readonly responded_at: Moment | null;
  readonly recovered_at: Moment | null;
  readonly resolved_at: Moment | null;
  readonly resolved_by: string | null;
  readonly started: boolean;
  readonly next: Next | JsonMap | null;
  readonly has_report: boolean;
}

/** Only the keys given are written. `seq` rises with each save of the workflow; an older one that arrives late is ignored. */
export interface IncidentPatch {
  readonly seq?: number;
  readonly title?: string;
  readonly severity?: Severity;
  readonly service?: string | null;
  readonly phase?: IncidentPhase;
  readonly commander?: string | null;
  readonly acknowledged_at?: Moment | null;
  readonly acknowledged_by?: string | null;
  readonly responded_at?: Moment | null;
  readonly recovered_at?: Moment | null;
  readonly resolved_at?: Moment | null;
  readonly resolved_by?: string | null;
  readonly next?: Next | JsonMap | null;
  readonly report_md?: string;
  readonly report_html?: string;
}

export interface NewIncident {
  readonly input: IncidentInput;
  readonly converge_key: string | null;
  readonly runbook: string | null;
}

export interface IncidentRecords {
  /** `inc-7` */
  nextId(db?: Db): Promise<string>;
  /** @throws a unique violation (`23505`, `incident_converge`) when an open incident holds the key. */
  open(incident: NewIncident, db?: Db): Promise<void>;
  /** The open incident that holds the key, or `null`. */
  ofKey(converge_key: string): Promise<IncidentRow | null>;
  /** Lets go of the key, so that the next alarm of it opens an incident of its own. */
  releaseKey(incident: string, db?: Db): Promise<void>;
  get(id: string): Promise<IncidentRow | null>;
  input(id: string): Promise<IncidentInput | null>;
  list(
    options?: PageOptions & { readonly phase?: IncidentPhase | undefined; readonly open?: boolean | undefined },
  ): Promise<Page<IncidentRow>>;
  /** False when there is no such incident, or a newer save was there already. */
  save(id: string, patch: IncidentPatch): Promise<boolean>;
  started(id: string): Promise<void>;
  unstarted(limit: number, older_than_ms: number): Promise<readonly IncidentInput[]>;
  report(id: string): Promise<{ readonly md: string | null; readonly html: string | null } | null>;
}

const columns =
  'id, number, title, severity, service, phase, commander, converge_key, runbook, run, opened_at, acknowledged_at, acknowledged_by, responded_at, recovered_at, resolved_at, resolved_by, started, next, report_md is not null as has_report';

const writers: { readonly [key in keyof IncidentPatch]-?: (value: never) => unknown } = {
  seq: (value: number) => value,
  title: toText,
  severity: toText,
  service: toTextOrNull,
  phase: toText,
  commander: toTextOrNull,
  acknowledged_at: toDate,
  acknowledged_by: toTextOrNull,
  responded_at: toDate,
  recovered_at: toDate,
  resolved_at: toDate,
  resolved_by: toTextOrNull,
  next: toJsonbOrNull,
  report_md: toText,
  report_html: toText,
};

export function createIncidents(pool: Pool): IncidentRecords {
  async function some(text: string, values: unknown[]): Promise<readonly IncidentRow[]> {
    return (await pool.query<IncidentRow>(`select ${columns} from incident ${text}`, values)).rows;
  }

  return {
    async nextId(db = pool) {
      const row = (await db.query<{ n: number }>("select nextval('incident_number') as n")).rows[0];
      return `inc-${row?.n ?? 0}`;
    },
    async open({ input, converge_key, runbook }, db = pool) {
      await db.query(
        `insert into incident (id, number, title, severity, service, commander, converge_key, runbook, run, opened_at, input)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          input.incident,
          Number(input.incident.slice('inc-'.length)),
          toText(input.title),
          input.severity,
          toTextOrNull(input.service),
          input.commander,
          toTextOrNull(converge_key),
          runbook,
          input.run,
          toDate(input.opened_at),
          toJsonb(input),
        ],
      );
    },
    ofKey: async (key) => (await some('where converge_key = $1 and resolved_at is null', [toText(key)]))[0] ?? null,
    async releaseKey(id, db = pool) {
      await db.query('update incident set converge_key = null where id = $1', [id]);
    },
    get: async (id) => (await some('where id = $1', [id]))[0] ?? null,
    async input(id) {
      return (await pool.query<{ input: IncidentInput }>('select input from incident where id = $1', [id])).rows[0]?.input ?? null;
    },
    async list(options = {}) {
      const limit = clampLimit(options.limit);
      const rows = await some(
        'where ($1::bigint is null or number < $1) and ($2::text is null or phase = $2) and ($3::boolean is null or (resolved_at is null) = $3) order by number desc limit $4',
        [options.before ?? null, options.phase ?? null, options.open ?? null, limit + 1],
      );
      return toPage(rows, limit, (row) => row.number);
    },
    async save(id, patch) {
      const keys = (Object.keys(writers) as (keyof IncidentPatch)[]).filter((key) => patch[key] !== undefined);
      if (keys.length === 0) return true;
      const sets = keys.map((key, index) => `${key} = $${index + 3}`).join(', ');
      const values = keys.map((key) => (writers[key] as (value: unknown) => unknown)(patch[key]));
      const done = await pool.query(`update incident set ${sets} where id = $1 and ($2::int is null or seq <= $2)`, [
        id,
        patch.seq ?? null,
        ...values,
      ]);
      return done.rowCount === 1;
    },
    async started(id) {
      await pool.query('update incident set started = true where id = $1', [id]);
    },
    async unstarted(limit, older_than_ms) {
      const rows = await pool.query<{ input: IncidentInput }>(
        "select input from incident where not started and opened_at < now() - $2 * interval '1 ms' order by number limit $1",
        [limit, older_than_ms],
      );
      return rows.rows.map((row) => row.input);
    },
    async report(id) {
      return (
        (
          await pool.query<{ md: string | null; html: string | null }>(
            'select report_md as md, report_html as html from incident where id = $1',
            [id],
          )
        ).rows[0] ?? null
      );
    },
  };
}
