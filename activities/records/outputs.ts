import type { Pool } from 'pg';
import type { Moment } from '../../workflows/domain/words.ts';

export type Stream = 'stdout' | 'stderr';

export interface Chunk {
  readonly run: string;
  readonly step: string;
  /** Node name, or `''` for an act without a place. */
  readonly node: string;
  /** Job key; the same for every attempt, so a re-sent chunk changes nothing. */
  readonly key: string;
  readonly stream: Stream;
  /** Bytes of the stream before this chunk. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface OutputPiece {
  readonly step: string;
  readonly node: string;
  readonly key: string;
  readonly stream: Stream;
  readonly offset: number;
  readonly bytes: Buffer;
  readonly at: Moment;
}

export interface OutputRecords {
  append(chunk: Chunk): Promise<void>;
  /** Offset after the last byte kept of one stream, 0 when there is none. */
  end(key: string, stream: Stream): Promise<number>;
  list(
    run: string,
    options?: {
      readonly step?: string | undefined;
      readonly node?: string | undefined;
      readonly stream?: Stream | undefined;
      readonly max_bytes?: number | undefined;
    },
  ): Promise<readonly OutputPiece[]>;
  /** One stream put together; `bytes` are cut at `max_bytes`, `total` says how many are kept. */
  read(key: string, stream: Stream, max_bytes?: number): Promise<{ readonly bytes: Buffer; readonly total: number }>;
}

export function createOutputs(pool: Pool): OutputRecords {
  return {
    async append(chunk) {
      await pool.query(
        'insert into output (run, step, node, key, stream, "offset", bytes) values ($1, $2, $3, $4, $5, $6, $7) on conflict (key, stream, "offset") do nothing',
        [
          chunk.run,
          chunk.step,
          chunk.node,
          chunk.key,
          chunk.stream,
          chunk.offset,
          Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.byteLength),
        ],
      );
    },
    async end(key, stream) {
      return (
        (
          await pool.query<{ end: number }>(
            'select coalesce(max("offset" + length(bytes)), 0) as "end" from output where key = $1 and stream = $2',
            [key, stream],
          )
        ).rows[0]?.end ?? 0
      );
    },
    async list(run, options = {}) {
      // The running sum lets the database stop at the cap, not us.
      return (
        await pool.query<OutputPiece>(
          `select step, node, key, stream, "offset", bytes, at from (
           select *, sum(length(bytes)) over (order by step, node, key, stream, "offset") - length(bytes) as before from output
           where run = $1 and ($2::text is null or step = $2) and ($3::text is null or node = $3) and ($4::text is null or stream = $4)
         ) o where before < $5 order by step, node, key, stream, "offset"`,
          [run, options.step ?? null, options.node ?? null, options.stream ?? null, options.max_bytes ?? 8 * 1024 * 1024],
        )
      ).rows;
    },
    async read(key, stream, max_bytes = 8 * 1024 * 1024) {
      const rows = (
        await pool.query<{ bytes: Buffer; total: number }>(
          `select bytes, total from (
           select bytes, "offset", sum(length(bytes)) over ()::bigint as total, sum(length(bytes)) over (order by "offset") - length(bytes) as before from output where key = $1 and stream = $2
         ) o where before < $3 order by "offset"`,
          [key, stream, max_bytes],
        )
      ).rows;
      return { bytes: Buffer.concat(rows.map((row) => row.bytes)).subarray(0, max_bytes), total: rows[0]?.total ?? 0 };
    },
  };
}
