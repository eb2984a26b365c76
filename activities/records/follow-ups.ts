import type { Pool } from 'pg';
import type { Moment } from '../../workflows/domain/words.ts';
import { toText, toTextOrNull } from './text.ts';

export interface NewFollowUp {
  /** The same for every retry. */
  readonly key: string;
  readonly run: string | null;
  readonly incident: string | null;
  readonly step: string | null;
  readonly note: string;
  readonly owner?: string | null;
}

export interface FollowUpRow extends Required<NewFollowUp> {
  readonly id: number;
  readonly opened_at: Moment;
  readonly closed_at: Moment | null;
}

export interface FollowUpRecords {
  /** False when it was open already. */
  open(followUp: NewFollowUp): Promise<boolean>;
  close(id: number): Promise<boolean>;
  list(options?: {
    readonly incident?: string | undefined;
    readonly run?: string | undefined;
    readonly open?: boolean | undefined;
  }): Promise<readonly FollowUpRow[]>;
}

export function createFollowUps(pool: Pool): FollowUpRecords {
  return {
    async open(item) {
      const done = await pool.query(
        'insert into follow_up (key, run, incident, step, note, owner) values ($1, $2, $3, $4, $5, $6) on conflict (key) do nothing',
        [item.key, item.run, item.incident, item.step, toText(item.note), toTextOrNull(item.owner)],
      );
      return done.rowCount === 1;
    },
    async close(id) {
      return (await pool.query('update follow_up set closed_at = now() where id = $1 and closed_at is null', [id])).rowCount === 1;
    },
    async list(options = {}) {
      return (
        await pool.query<FollowUpRow>(
          'select id, key, run, incident, step, note, opened_at, closed_at, owner from follow_up where ($1::text is null or incident = $1) and ($2::text is null or run = $2) and ($3::boolean is null or (closed_at is null) = $3) order by id limit 1000',
          [options.incident ?? null, options.run ?? null, options.open ?? null],
        )
      ).rows;
    },
  };
}
