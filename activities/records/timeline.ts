import type { Pool } from 'pg';
import type { Note } from '../../workflows/core/run.ts';
import type { Db } from './pool.ts';
import { toDate, toJsonb, toText, toTextOrNull } from './text.ts';

/** `seq` counts the notes of one subject, from its workflow: a retried append changes nothing. */
export type SeqNote = Note & { readonly seq: number };

export interface TimelineRow extends Note {
  /** Run or incident id, or `intake/<incident>` for what the dispatcher decided. */
  readonly subject: string;
  readonly seq: number;
  readonly incident: string | null;
}

/** A line with its place for followers. */
export interface FollowedRow extends TimelineRow {
  /** `<tx>-<id>`: pass back as `after`. */
  readonly cursor: string;
}

export interface TimelineRecords {
  /** Number of lines that were new. */
  append(subject: string, incident: string | null, notes: readonly SeqNote[], db?: Db): Promise<number>;
  of(
    subject: string,
    options?: { readonly after?: number | undefined; readonly limit?: number | undefined },
  ): Promise<readonly TimelineRow[]>;
  /** All subjects of an incident, by time. */
  ofIncident(incident: string, options?: { readonly limit?: number | undefined }): Promise<readonly TimelineRow[]>;
  /** Every line after the cursor, none missed, none twice. */
  follow(
    after: string,
    options?: { readonly subject?: string | undefined; readonly incident?: string | undefined; readonly limit?: number | undefined },
  ): Promise<readonly FollowedRow[]>;
  /** Cursor of now. */
  head(): Promise<string>;
}

const columns = 'subject, seq, at, code, step, node, by, values, incident';

export function createTimeline(pool: Pool): TimelineRecords {
  return {
    async append(subject, incident, notes, db = pool) {
      if (notes.length === 0) return 0;
      const rows = notes.map((note) => ({
        ...note,
        at: toDate(note.at),
        code: toText(note.code),
        step: toTextOrNull(note.step),
        node: toTextOrNull(note.node),
        by: toTextOrNull(note.by),
      }));
      const done = await db.query(
        `insert into timeline (subject, seq, at, code, step, node, by, values, incident)
         select $1, n.seq, n.at, n.code, n.step, n.node, n.by, coalesce(n.values, '{}'), $2
         from jsonb_to_recordset($3::jsonb) as n(seq int, at timestamptz, code text, step text, node text, by text, values jsonb) order by n.seq
         on conflict (subject, seq) do nothing`,
        [subject, incident, toJsonb(rows)],
      );
      return done.rowCount ?? 0;
    },
    async of(subject, options = {}) {
      return (
        await pool.query<TimelineRow>(`select ${columns} from timeline where subject = $1 and seq > $2 order by seq limit $3`, [
          subject,
          options.after ?? -1,
          options.limit ?? 10_000,
        ])
      ).rows;
    },
    async ofIncident(incident, options = {}) {
      return (
        await pool.query<TimelineRow>(`select ${columns} from timeline where incident = $1 or subject = $1 order by at, tx, id limit $2`, [
          incident,
          options.limit ?? 10_000,
        ])
      ).rows;
    },
    async follow(after, options = {}) {
      const [tx, id] = parseCursor(after);
      return (
        await pool.query<FollowedRow>(
          `select ${columns}, tx || '-' || id as cursor from timeline
         where (tx, id) > ($1::bigint, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           and ($3::text is null or subject = $3) and ($4::text is null or incident = $4 or subject = $4)
         order by tx, id limit $5`,
          [tx, id, options.subject ?? null, options.incident ?? null, options.limit ?? 500],
        )
      ).rows;
    },
    async head() {
      return (
        (
          await pool.query<{ head: string }>(
            "select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) || '-' || 9007199254740991 as head",
          )
        ).rows[0]?.head ?? '0-0'
      );
    },
  };
}

function parseCursor(cursor: string): [string, string] {
  const found = /^(\d{1,18})-(\d{1,18})$/.exec(cursor);
  return [found?.[1] ?? '0', found?.[2] ?? '0'];
}
