import './fast-start.ts';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { mayRetry } from '../activities/hand/perform.ts';
import { createActivities } from '../activities/index.ts';
import { TocsinError } from '../activities/platform/errors.ts';
import { stepKind } from '../activities/steps/index.ts';
import { queues } from '../workflows/messages.ts';
import { workflowCode } from './bundle.ts';
import { binderOf, openDeps } from './deps.ts';
import { startDispatcher } from './dispatcher/dispatcher.ts';
import type { WorkerDeps } from './deps.ts';
import { connect, engineOf } from './engine.ts';
import type { EngineAddress } from './engine.ts';
import { handBack, openInFlight } from './in-flight.ts';
import type { InFlight } from './in-flight.ts';
import { installRuntime, openLog } from './log.ts';
import { announceReady } from './services/part.ts';
import { tuning } from './tuning.ts';

/**
 * The process that runs everything: workflows, hands, and the dispatcher of alarms beside them.
 * Reads `TOCSIN_SITE` (folder), `DATABASE_URL`, `TEMPORAL_ADDRESS` or a profile, `TOCSIN_LOG` (level).
 */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const log = openLog(env['TOCSIN_LOG'] ?? 'info');
  installRuntime(log);
  const leaving = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (!leaving.signal.aborted) log.info({ signal: name }, 'leaving: acts in flight are handed over or finished');
      leaving.abort();
    });
  }
  const folder = env['TOCSIN_SITE'] ?? process.cwd();
  const made = await openDeps({ folder, records: needed(env, 'DATABASE_URL'), env, log });
  const directory = join(made.deps.site().data, 'run', 'in-flight');
  const inFlight = openInFlight(directory, (perform) => mayRetry(perform, stepKind(perform.kind)));
  try {
    await serve({ made, engine: engineOf(env), directory, inFlight, log, leaving: leaving.signal });
  } finally {
    inFlight.close();
    await made.close();
  }
}

interface Serve {
  readonly made: WorkerDeps;
  readonly engine: EngineAddress;
  readonly directory: string;
  readonly inFlight: InFlight;
  readonly log: Logger;
  readonly leaving: AbortSignal;
}

/** Works until it is told to leave; a connection that is lost for good is replaced by a new one. */
async function serve(options: Serve): Promise<void> {
  const { engine, log, leaving } = options;
  while (!leaving.aborted) {
    let connection: NativeConnection | null = null;
    try {
      connection = await connect(engine, { log, signal: leaving });
      await work(connection, options);
    } catch (error) {
      if (leaving.aborted) return;
      log.error({ err: error }, 'the worker stopped: it begins anew');
    } finally {
      await connection?.close().catch(() => undefined);
    }
  }
}

async function work(connection: NativeConnection, { made, engine, directory, inFlight, log, leaving }: Serve): Promise<void> {
  const client = new Client({ connection, namespace: engine.namespace });
  // Beside the making of the worker: what a dead predecessor held is free by the time we ask for work.
  const [worker, returned] = await Promise.all([
    Worker.create({
      ...tuning,
      connection,
      namespace: engine.namespace,
      taskQueue: queues.control,
      ...workflowCode(),
      activities: createActivities(made.deps, { library: binderOf(made.shelf), leaving }),
      interceptors: { activity: [inFlight.interceptor] },
    }),
    handBack(directory, client),
  ]);
  if (returned > 0) log.info({ activities: returned }, 'handed back what a worker before us left unfinished');
  if (leaving.aborted) return;
  const ended = worker.run();
  // On this very connection: what it starts begins at once, in this process.
  const dispatcher = startDispatcher({ client, records: made.deps.records, shelf: made.shelf, site: made.deps.site, log });
  // New alarms wait for our successor; what runs is handed over or finished.
  const leave = () => {
    void dispatcher.stop();
    worker.shutdown();
  };
  leaving.addEventListener('abort', leave, { once: true });
  announceReady();
  log.info({ queue: queues.control, address: engine.options.address }, 'ready');
  try {
    await ended;
  } finally {
    await dispatcher.stop();
    leaving.removeEventListener('abort', leave);
  }
}

function needed(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new TocsinError(`Starting the worker failed: environment variable "${name}" is not set`, {
    code: 'E-WORKER-ENV',
    hint: 'Start it by "tocsin worker", which sets it, or set it yourself',
  });
}

void main(process.env).then(
  // What libraries leave open must not keep a process alive that has nothing left to do.
  () => process.exit(0),
  (error: unknown) => {
    const known = error instanceof TocsinError ? error : null;
    process.stderr.write(`${known?.message ?? (error as Error).stack}\n${known?.hint ?? ''}\n`);
    process.exit(1);
  },
);
