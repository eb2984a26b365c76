import type { Pool } from 'pg';
import type { Plan, Resolved } from '../../workflows/core/plan.ts';
import type { Next, Problem, RunInput } from '../../workflows/core/run.ts';
import { endStatuses, type JsonMap, type Mode, type Moment, type RunStatus } from '../../workflows/domain/words.ts';
import type { RunView } from '../../workflows/messages.ts';
import { transaction, type Db } from './pool.ts';
import { savePlan } from './plans.ts';
import { clampLimit, toDate, toJsonb, toJsonbOrNull, toPage, toText, type Page, type PageOptions } from './text.ts';

export interface RunRow {
  readonly id: string;
  readonly position: number;
  readonly incident: string | null;
  readonly parent: string | null;
  readonly runbook: string;
  readonly version: number;
  readonly title: string;
  readonly plan_hash: string;
  readonly mode: Mode;
  readonly by: string;
  readonly reason: string;
  readonly alarm: number | null;
  readonly status: RunStatus;
  readonly started: boolean;
  readonly next: Next | null;
  readonly problem: Problem | null;
  readonly created_at: Moment;
  readonly ended_at: Moment | null;
}

/** A run with everything it was started with and where it stands. */
export interface RunDetail extends RunRow {
  readonly inputs: JsonMap;
  readonly targets: Resolved;
  readonly plan: Plan;
  readonly view: RunView | null;
}

/** `seq` rises with each save of the workflow; an older one that arrives late is ignored. */
export interface RunPatch {
  readonly seq?: number;
  readonly status: RunStatus;
  readonly view: RunView | null;
  readonly next: Next | null;
  readonly problem: Problem | null;
  /** Given with a final status; else the database's clock is taken. */
  readonly ended_at?: Moment;
}

export interface NewRun {
  readonly input: RunInput;
  /** Id of the alarm row that started it. */
  readonly alarm?: number | null;
  readonly parent?: string | null;
  /** The workflow exists already (a nested run), so nobody has to start it. */
  readonly started?: boolean;
}

export interface RunRecords {
  /** `run-12`: of a run without an incident. */
  nextId(db?: Db): Promise<string>;
  /** Stores plan and run; a second call with the same id changes nothing and gives false. */
  create(run: NewRun, db?: Db): Promise<boolean>;
  get(id: string): Promise<RunDetail | null>;
  /** What the workflow is started with, put together again. */
  input(id: string): Promise<RunInput | null>;
  list(
    options?: PageOptions & {
      readonly status?: RunStatus | undefined;
      readonly incident?: string | undefined;
      readonly runbook?: string | undefined;
      readonly live?: boolean | undefined;
    },
  ): Promise<Page<RunRow>>;
  ofIncident(incident: string): Promise<readonly RunRow[]>;
  /** False when there is no such run, or a newer save was there already. */
  save(id: string, patch: RunPatch): Promise<boolean>;
  status(id: string): Promise<RunStatus | null>;
  started(id: string): Promise<void>;
  unstarted(limit: number, older_than_ms: number): Promise<readonly string[]>;
  /** Runs of a runbook that alarms started within the last `per_ms`. */
  countStarted(runbook: string, per_ms: number, db?: Db): Promise<number>;
}

const columns =
  'id, position, incident, parent, runbook, version, title, plan_hash, mode, by, reason, alarm, status, started, next, problem, created_at, ended_at';
const live = `status not in (${endStatuses.map((status) => `'${status}'`).join(', ')})`;

export function createRuns(pool: Pool): RunRecords {
  async function some(text: string, values: unknown[]): Promise<readonly RunRow[]> {
    return (await pool.query<RunRow>(`select ${columns} from run ${text}`, values)).rows;
  }

  return {
    async nextId(db = pool) {
      const row = (await db.query<{ n: number }>("select nextval('run_number') as n")).rows[0];
      return `run-${row?.n ?? 0}`;
    },
    create: (run, db) => (db === undefined ? transaction(pool, (inner) => insert(inner, run)) : insert(db, run)),
    async get(id) {
      const found = await pool.query<RunDetail>(
        `select ${columns
          .split(', ')
          .map((column) => `r.${column}`)
          .join(', ')}, r.inputs, r.targets, r.state as view, p.plan from run r join plan p on p.hash = r.plan_hash where r.id = $1`,
        [id],
      );
      return found.rows[0] ?? null;
    },
    async input(id) {
      const found = await pool.query<{ input: RunInput }>(
        "select r.input || jsonb_build_object('plan', p.plan, 'inputs', r.inputs, 'targets', r.targets) as input from run r join plan p on p.hash = r.plan_hash where r.id = $1",
        [id],
      );
      return found.rows[0]?.input ?? null;
    },
    async list(options = {}) {
      const limit = clampLimit(options.limit);
      const rows = await some(
        `where ($1::bigint is null or position < $1) and ($2::text is null or status = $2) and ($3::text is null or incident = $3) and ($4::text is null or runbook = $4)
           and ($5::boolean is null or (${live}) = $5) order by position desc limit $6`,
        [
          options.before ?? null,
          options.status ?? null,
          options.incident ?? null,
          options.runbook ?? null,
          options.live ?? null,
          limit + 1,
        ],
      );
      return toPage(rows, limit, (row) => row.position);
    },
    ofIncident: (incident) => some('where incident = $1 order by position', [incident]),
    async save(id, patch) {
      const ended = (endStatuses as readonly string[]).includes(patch.status);
      const done = await pool.query(
        `update run set status = $2, state = coalesce($3, state), next = $4, problem = $5, seq = coalesce($6, seq), started = true,
           ended_at = case when $7 then coalesce($8, ended_at, now()) else null end
         where id = $1 and ($6::int is null or seq <= $6)`,
        [
          id,
          patch.status,
          toJsonbOrNull(patch.view),
          toJsonbOrNull(patch.next),
          toJsonbOrNull(patch.problem),
          patch.seq ?? null,
          ended,
          toDate(patch.ended_at),
        ],
      );
      return done.rowCount === 1;
    },
    async status(id) {
      return (await pool.query<{ status: RunStatus }>('select status from run where id = $1', [id])).rows[0]?.status ?? null;
    },
    async started(id) {
      await pool.query('update run set started = true where id = $1', [id]);
    },
    async unstarted(limit, older_than_ms) {
      const rows = await pool.query<{ id: string }>(
        "select id from run where not started and created_at < now() - $2 * interval '1 ms' order by position limit $1",
        [limit, older_than_ms],
      );
      return rows.rows.map((row) => row.id);
    },
    async countStarted(runbook, per_ms, db = pool) {
      const row = (
        await db.query<{ n: number }>(
          "select count(*) as n from run where runbook = $1 and alarm is not null and created_at > now() - $2 * interval '1 ms'",
          [runbook, per_ms],
        )
      ).rows[0];
      return row?.n ?? 0;
    },
  };
}

async function insert(db: Db, { input, alarm, parent, started }: NewRun): Promise<boolean> {
  const { plan, inputs, targets, ...rest } = input;
  await savePlan(db, input.plan_hash, plan);
  const done = await db.query(
    `insert into run (id, incident, parent, runbook, version, title, plan_hash, mode, by, reason, alarm, inputs, targets, input, started)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (id) do nothing`,
    [
      input.run,
      input.incident,
      parent ?? null,
      plan.runbook,
      plan.version,
      toText(plan.title),
      input.plan_hash,
      input.mode,
      toText(input.by),
      toText(input.reason),
      alarm ?? null,
      toJsonb(inputs),
      toJsonb(targets),
      toJsonb(rest),
      started ?? false,
    ],
  );
  return done.rowCount === 1;
}
