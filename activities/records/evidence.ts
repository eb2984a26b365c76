import type { Pool } from 'pg';
import type { JsonMap, Moment } from '../../workflows/domain/words.ts';
import { toJsonb } from './text.ts';

/** What a `record` step writes down: figures of a drill, a finding, a measured lag. */
export interface NewEvidence {
  /** Job key of the act; the same for every retry. */
  readonly key: string;
  readonly kind: string;
  readonly run: string | null;
  readonly incident: string | null;
  readonly values: JsonMap;
}

export interface EvidenceRow extends NewEvidence {
  readonly id: number;
  readonly at: Moment;
}

export interface EvidenceRecords {
  /** False when this key had been written before. */
  add(evidence: NewEvidence): Promise<boolean>;
  list(options?: {
    readonly kind?: string | undefined;
    readonly run?: string | undefined;
    readonly incident?: string | undefined;
    readonly limit?: number | undefined;
  }): Promise<readonly EvidenceRow[]>;
}

export function createEvidence(pool: Pool): EvidenceRecords {
  return {
    async add(item) {
      const done = await pool.query(
        'insert into record (key, kind, run, incident, values) values ($1, $2, $3, $4, $5) on conflict (key) do nothing',
        [item.key, item.kind, item.run, item.incident, toJsonb(item.values)],
      );
      return done.rowCount === 1;
    },
    async list(options = {}) {
      return (
        await pool.query<EvidenceRow>(
          'select id, key, kind, run, incident, values, at from record where ($1::text is null or kind = $1) and ($2::text is null or run = $2) and ($3::text is null or incident = $3) order by id desc limit $4',
          [options.kind ?? null, options.run ?? null, options.incident ?? null, options.limit ?? 500],
        )
      ).rows;
    },
  };
}
