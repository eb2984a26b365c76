import pg from 'pg';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { TocsinError } from '../platform/errors.ts';

export type { Pool, PoolClient } from 'pg';

/** Anything that answers a query: the pool, or one connection inside a transaction. */
export interface Db {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}

export interface PoolOptions {
  /** `postgres://user:password@host:port/database` or a `postgresql:///db?host=/socket/dir`. */
  readonly url: string;
  readonly max?: number;
  readonly statement_timeout_ms?: number;
  readonly connect_timeout_ms?: number;
  readonly name?: string;
  /** Told about a connection lost while idle; the pool opens another by itself. */
  readonly onLost?: (error: Error) => void;
}

/** int8 as number, moments as whole milliseconds: what the rest of the house speaks. */
export const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
    if (oid === pg.types.builtins.INT8) return toNumber;
    if (oid === pg.types.builtins.TIMESTAMPTZ) return toMoment;
    return pg.types.getTypeParser(oid, 'text');
  },
} as pg.CustomTypesConfig;

function toNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new TocsinError(`reading a bigint from the records: ${text} does not fit a number`, { code: 'E-RECORDS-RANGE' });
  return value;
}

const parseTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ, 'text') as (text: string) => Date | number;

function toMoment(text: string): number {
  const value = parseTimestamp(text);
  return typeof value === 'number' ? value : value.getTime();
}

/** A pool that outlives the database: a lost connection is replaced at the next query. */
export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    types,
    application_name: options.name ?? 'tocsin',
    statement_timeout: options.statement_timeout_ms ?? 15_000,
    // The server's own limit cannot fire when the network is gone, so the client has one a little above it.
    query_timeout: (options.statement_timeout_ms ?? 15_000) + 2_000,
    connectionTimeoutMillis: options.connect_timeout_ms ?? 5_000,
    keepAlive: true,
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  });
  pool.on('error', (error) => options.onLost?.(error));
  return pool;
}

/** Runs `work` in one transaction; rolls back when it throws. */
export async function transaction<T>(pool: Pool, work: (db: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const lostCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01',
  '57P02',
  '57P03',
  '57014',
  '53300',
  '25006',
  '53100',
  '53200',
]);

/** True when the records cannot answer now (down, starting, full, too slow) and trying again later can help. */
export function isDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (lostCodes.has(code) || code.startsWith('08'))) return true;
  if (error instanceof AggregateError) return error.errors.some(isDown);
  return /Connection terminated|connection timeout|timeout exceeded when trying to connect|Query read timeout|not queryable|after calling end/i.test(
    error.message,
  );
}
