import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LogEntry } from '@temporalio/worker';
import { pino } from 'pino';
import type { Logger } from 'pino';

/** One JSON line per event on standard output; the supervisor keeps the files. */
export function openLog(level: string): Logger {
  return pino({ name: 'worker', level, base: { name: 'worker', pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Makes the engine's library speak through our log. Once per process, before anything else of it is used. */
export function installRuntime(log: Logger): void {
  Runtime.install({
    // We listen to signals ourselves: acts in flight are handed over first.
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', (entry) => write(log, entry)),
    telemetryOptions: { logging: { filter: 'temporalio_sdk_core=warn,temporalio_client=warn', forward: {} } },
  });
}

function write(log: Logger, entry: LogEntry): void {
  const { level, message, meta } = entry;
  const { error, ...rest } = (meta ?? {}) as { error?: unknown };
  const fields = error === undefined ? rest : { ...rest, err: error };
  if (level === 'ERROR') log.error(fields, message);
  else if (level === 'WARN') log.warn(fields, message);
  else if (level === 'INFO') log.info(fields, message);
  else log.debug(fields, message);
}
