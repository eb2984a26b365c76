import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import pino, { type Logger } from 'pino';
import { TocsinError } from '../../activities/platform/errors.ts';
import { siteReader } from '../../activities/platform/site/index.ts';
import { migrate } from '../../activities/records/migrate.ts';
import { createPool, type Pool } from '../../activities/records/pool.ts';
import { createRecords } from '../../activities/records/records.ts';
import { readFacts } from '../../activities/report/facts.ts';
import { renderReport } from '../../activities/report/render.ts';
import { openShelf, type Shelf } from '../../runbooks/shelf.ts';
import { remoteTemporal } from '../../worker/services/temporal/remote.ts';
import { engineDown } from './engine.ts';
import { createServer } from './server.ts';
import { readToken } from './tokens.ts';

/**
 * The process people and monitors talk to. Reads `TOCSIN_SITE` (folder), `DATABASE_URL`, `TEMPORAL_ADDRESS` or a profile,
 * `TOCSIN_LOG` (level). Answers at once; what it waits for is the reason of a 503.
 */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const log = pino({
    name: 'server',
    level: env['TOCSIN_LOG'] ?? 'info',
    base: { name: 'server', pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a failure nobody waited for'));
  const url = env['DATABASE_URL'];
  if (!url)
    throw new TocsinError('starting the server: environment variable "DATABASE_URL" is not set', {
      code: 'E-SERVER-ENV',
      hint: 'Start it by "tocsin server", which sets it, or set it yourself.',
    });
  const site = await siteReader(env['TOCSIN_SITE'] ?? process.cwd(), {
    onProblem: (problems) => log.warn({ problems: problems.slice(0, 5) }, 'the changed site has errors: the one before stays in force'),
  });
  const pool = createPool({
    url,
    name: 'tocsin server',
    onLost: (error) => log.warn({ err: error }, 'a connection to the records was lost'),
  });
  const leaving = new AbortController();
  const schema = keepMigrating(pool, log, leaving.signal);
  const library = lateShelf(
    () => openShelf({ site: site.site, onError: (error) => log.warn({ err: error }, 'the runbooks cannot be read') }),
    log,
  );
  const records = createRecords(pool);

  const app = createServer({
    site: site.site,
    records,
    library,
    log,
    temporal: lateClient(env),
    secret: (ref) => readToken(ref, site.site().folder, env),
    waiting: schema.waiting,
    async report(incident) {
      const facts = await readFacts(pool, incident);
      if (facts === null) throw new TocsinError(`drawing the report of "${incident}": there is no such incident`, { code: 'E-NOT-FOUND' });
      const { markdown, html } = renderReport(facts, { language: site.site().language, timezone: site.site().timezone });
      return { md: markdown, html };
    },
  });
  const { host, port } = listenAt(env['TOCSIN_LISTEN'], site.site().listen);
  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(error, host, port);
  });
  log.info({ host, port }, 'ready');

  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log.info({ signal: name }, 'leaving');
      leaving.abort();
      void app
        .close()
        .then(() => pool.end())
        .finally(() => process.exit(0));
    });
  }
}

/** `TOCSIN_LISTEN=0.0.0.0:7780` for a container, whose loopback nobody reaches; else as the site says. */
function listenAt(given: string | undefined, site: { readonly host: string; readonly port: number }): { host: string; port: number } {
  const [, host, port] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(given ?? '') ?? [];
  if (given && (!host || !port))
    throw new TocsinError(`starting the server: TOCSIN_LISTEN is "${given}", which is not host:port`, {
      code: 'E-SERVER-ENV',
      hint: 'Write it like 0.0.0.0:7780 or [::]:7780.',
    });
  return host && port ? { host, port: Number(port) } : site;
}

/** Brings the schema up to date as soon as the database answers, however long that takes. */
function keepMigrating(pool: Pool, log: Logger, signal: AbortSignal): { readonly waiting: () => string | null } {
  let reason: string | null = 'the records are being opened';
  async function attempt(): Promise<void> {
    if (signal.aborted) return;
    try {
      const { applied } = await migrate(pool);
      if (applied.length > 0) log.info({ applied }, 'the records were migrated');
      reason = null;
    } catch (error) {
      if (reason !== (error as Error).message) log.warn({ err: error }, 'the records cannot be used yet');
      reason = (error as Error).message;
      setTimeout(() => void attempt(), 500);
    }
  }
  void attempt();
  return { waiting: () => reason };
}

/** Alarms need no runbook to be accepted, so the server does not wait until they are compiled. */
function lateShelf(open: () => Promise<Shelf>, log: Logger): Shelf {
  let shelf: Shelf | null = null;
  function attempt(): void {
    open().then(
      (opened) => {
        shelf = opened;
      },
      (error: unknown) => {
        log.warn({ err: error }, 'the runbooks cannot be read yet');
        setTimeout(attempt, 1_000);
      },
    );
  }
  attempt();
  function ready(): Shelf {
    if (shelf === null)
      throw new TocsinError('reading the runbooks: they are being compiled', {
        code: 'E-STARTING',
        hint: 'Try again in a few seconds.',
        retry: true,
      });
    return shelf;
  }
  return {
    all: () => ready().all(),
    problems: () => ready().problems(),
    get: (name) => ready().get(name),
    bind: (loaded, inputs) => ready().bind(loaded, inputs),
    refresh: async () => ready().refresh(),
    close: () => shelf?.close(),
  };
}

/** Connects at the first need and after a failure again; once connected the library comes back by itself. */
function lateClient(env: NodeJS.ProcessEnv): () => Promise<Client> {
  const remote = remoteTemporal(env);
  let client: Promise<Client> | null = null;
  return () => {
    client ??= Connection.connect({ ...(remote?.connectionOptions as ConnectionOptions | undefined), connectTimeout: 3_000 })
      .then((connection) => new Client({ connection, namespace: remote?.namespace ?? 'default' }))
      .catch((error: unknown) => {
        client = null;
        throw engineDown(error);
      });
    return client;
  };
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): TocsinError {
  if (error.code === 'EADDRINUSE')
    return new TocsinError(`starting the server: port ${port} of ${host} is taken`, {
      code: 'E-PORT',
      hint: 'Stop what listens there, or change "listen" in site.yaml.',
      cause: error,
    });
  return new TocsinError(`starting the server: cannot listen on ${host}:${port}: ${error.message}`, {
    code: 'E-PORT',
    hint: 'Change "listen" in site.yaml.',
    cause: error,
  });
}

void main(process.env).catch((error: unknown) => {
  const known = error as Partial<TocsinError>;
  process.stderr.write(`${known.code === undefined ? (error as Error).stack : known.message}\n${known.hint ?? ''}\n`);
  process.exit(1);
});
