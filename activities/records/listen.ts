import pg from 'pg';
import type { Pool } from 'pg';

export interface ListenOptions {
  readonly pool: Pool;
  readonly channels: readonly string[];
  /** Called for every wake-up, and once after each (re)connection, since some may have been missed. */
  readonly onWake: (channel: string | null) => void;
  /** The fresh connection, before the first wake-up: the place for a session lock. */
  readonly onUp?: (client: pg.Client) => Promise<void>;
  readonly onDown?: (error: Error) => void;
  /** How often the connection is tried, so that a half-open one is noticed. */
  readonly probe_ms?: number;
}

export interface Listening {
  close(): Promise<void>;
}

/** One connection that hears NOTIFY and comes back by itself. */
export function listen(options: ListenOptions): Listening {
  let client: pg.Client | null = null;
  let closed = false;
  let failures = 0;
  let timer: NodeJS.Timeout | null = null;

  function again(error: Error, lost: pg.Client): void {
    if (client !== lost && client !== null) return;
    client = null;
    lost.removeAllListeners();
    lost.on('error', () => undefined);
    void lost.end().catch(() => undefined);
    if (closed) return;
    options.onDown?.(error);
    failures += 1;
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => void open(), Math.min(100 * 2 ** failures, 3_000));
  }

  async function open(): Promise<void> {
    if (closed) return;
    const { connectionString, types } = options.pool.options as { connectionString?: string; types?: pg.CustomTypesConfig };
    const fresh = new pg.Client({
      connectionString,
      ...(types ? { types } : {}),
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      application_name: 'tocsin listen',
    });
    client = fresh;
    fresh.on('error', (error) => again(error, fresh));
    fresh.on('end', () => again(new Error('Connection terminated'), fresh));
    fresh.on('notification', (message) => options.onWake(message.channel));
    try {
      await fresh.connect();
      for (const channel of options.channels) await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
      await options.onUp?.(fresh);
      failures = 0;
      options.onWake(null);
      probe(fresh);
    } catch (error) {
      again(error as Error, fresh);
    }
  }

  function probe(current: pg.Client): void {
    if (closed || client !== current) return;
    timer = setTimeout(() => {
      current.query('select 1').then(
        () => probe(current),
        (error: Error) => again(error, current),
      );
    }, options.probe_ms ?? 5_000);
    timer.unref();
  }

  void open();
  return {
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      const last = client;
      client = null;
      last?.removeAllListeners('end');
      await last?.end().catch(() => undefined);
    },
  };
}
