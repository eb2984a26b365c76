import pg from 'pg';
import type { ErrorKind, Json, JsonMap } from '../../workflows/domain/words.ts';
import { sqlTypes } from './sql-types.ts';
import { timeUp } from './time-up.ts';

export interface QueryOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  readonly query: string;
  readonly params: readonly Json[];
  readonly read: boolean;
  readonly timeout_ms: number | null;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly rows: JsonMap[];
  /** Rows given or touched, also those not kept. */
  readonly count: number;
  readonly truncated: boolean;
}

const connectTimeout = 10_000;
const rowsKept = 1_000;

/** Marks where a connection broke: before the statement was sent nothing can have run. */
class Unsent extends Error {}

/** One statement on one connection. Throws what the server or the network said; see {@link explainSql}. */
export async function runQuery(options: QueryOptions): Promise<Answer> {
  const client = new pg.Client({
    host: options.host,
    port: options.port,
    user: options.user,
    database: options.database,
    password: options.password,
    connectionTimeoutMillis: connectTimeout,
    statement_timeout: options.timeout_ms ?? false,
    application_name: 'tocsin',
    types: sqlTypes,
    keepAlive: true,
  });
  // A connection that dies while nobody asks must not end the process; the query under way is told by itself.
  client.on('error', () => undefined);
  const stop = () => void cancelBackend(options, client);
  try {
    await before(() => client.connect());
    options.signal.throwIfAborted();
    if (options.read) await before(() => client.query('begin transaction read only'));
    options.signal.addEventListener('abort', stop, { once: true });
    const answer = await ask(client, options);
    if (options.read) await client.query('rollback').catch(() => undefined);
    return answer;
  } finally {
    options.signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  }
}

async function before(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Unsent('the statement was not sent', { cause: error });
  }
}

/** Keeps the first rows and counts the rest, so that a careless `select *` cannot fill the worker. */
function ask(client: pg.Client, { query, params }: QueryOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Extended protocol: exactly one statement, values beside it.
    const asked = client.query(new pg.Query({ text: query, values: [...params].map(parameter), queryMode: 'extended' } as pg.QueryConfig));
    const rows: JsonMap[] = [];
    let seen = 0;
    asked.on('row', (row: JsonMap) => {
      seen += 1;
      if (rows.length < rowsKept) rows.push(row);
    });
    asked.on('error', reject);
    asked.on('end', (result) => resolve({ rows, count: result.rowCount ?? seen, truncated: seen > rows.length }));
  });
}

function parameter(value: Json): unknown {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
}

/** Asks the server to stop the statement; its answer to that (57014) then arrives as the statement's own. */
async function cancelBackend(options: QueryOptions, client: pg.Client): Promise<void> {
  const pid = (client as unknown as { processID: number | null }).processID;
  const helper = new pg.Client({
    host: options.host,
    port: options.port,
    user: options.user,
    database: options.database,
    password: options.password,
    connectionTimeoutMillis: 3_000,
  });
  helper.on('error', () => undefined);
  try {
    await helper.connect();
    await helper.query('select pg_cancel_backend($1)', [pid]);
  } catch {
    // Not reachable any more: the connection is given up, and the outcome is unknown.
    (client as unknown as { connection: { stream: { destroy: () => void } } }).connection.stream.destroy();
  } finally {
    await helper.end().catch(() => undefined);
  }
}

export interface ExplainedSql {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | null;
  readonly ran: 'no' | 'unknown';
  readonly state: string | null;
}

/** What a failed statement means. An error the server answered with has rolled the statement back. */
export function explainSql(error: unknown, signal: AbortSignal): ExplainedSql {
  const cause = error instanceof Unsent ? error.cause : error;
  const { code } = cause as { code?: unknown };
  const state = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && cause instanceof pg.DatabaseError ? code : null;
  const message = cause instanceof Error && cause.message !== '' ? cause.message : String(code ?? cause);
  if (state === '57014')
    return { kind: timeUp(signal) || !signal.aborted ? 'timeout' : 'cancelled', message, hint: null, ran: 'no', state };
  if (state !== null && /^(57P0|53|08)/.test(state)) {
    const sent = !(error instanceof Unsent);
    return {
      kind: 'unreachable',
      message,
      hint: 'The server is starting, full or going down: retry later',
      ran: sent && state.startsWith('57P0') ? 'unknown' : 'no',
      state,
    };
  }
  if (state !== null)
    return {
      kind: state.startsWith('28') ? 'unreachable' : 'exit',
      message: `${message} (${state})`,
      hint: hints[state] ?? null,
      ran: 'no',
      state,
    };
  if (error instanceof Unsent)
    return { kind: 'unreachable', message, hint: 'Check address, port and that PostgreSQL runs', ran: 'no', state };
  if (signal.aborted)
    return {
      kind: timeUp(signal) ? 'timeout' : 'cancelled',
      message: 'it was stopped and the server did not confirm it',
      hint: null,
      ran: 'unknown',
      state,
    };
  return { kind: 'unreachable', message: `the connection broke: ${message}`, hint: null, ran: 'unknown', state };
}

const hints: Readonly<Record<string, string>> = {
  '25006': 'The step is read-only; write "risk: change" if it is meant to change something',
  '28P01': 'Check the password in the environment variable that the host\'s "sql" entry names',
  '28000': 'Check user and pg_hba.conf of the server',
  '3D000': 'Check "database"',
  '42501': 'The database user may not do this; grant it, or name another user',
  '42601': 'One statement per step; check its spelling',
};
