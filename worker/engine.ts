import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { remoteTemporal } from './services/temporal/remote.ts';

export interface EngineAddress {
  readonly options: NativeConnectionOptions;
  readonly namespace: string;
}

/** Where the engine is, by the usual variables (`TEMPORAL_ADDRESS`, `TEMPORAL_PROFILE` …). */
export function engineOf(env: NodeJS.ProcessEnv): EngineAddress {
  const remote = remoteTemporal(env);
  return {
    options: (remote?.connectionOptions ?? { address: '127.0.0.1:7233' }) as NativeConnectionOptions,
    namespace: remote?.namespace ?? 'default',
  };
}

/** Connects, however long the engine needs to come up. Gives up only when told to. */
export async function connect(
  { options, namespace }: EngineAddress,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    let connection: NativeConnection | null = null;
    try {
      connection = await NativeConnection.connect(options);
      // A server that listens may still be opening its database: only a namespace that answers is an engine.
      await connection.workflowService.describeNamespace({ namespace });
      return connection;
    } catch (error) {
      await connection?.close().catch(() => undefined);
      if (attempt % 20 === 1) log.warn({ err: error, address: options.address, attempt }, 'the engine does not answer yet');
      await sleep(Math.min(100 * attempt, 1_000), undefined, { signal });
    }
  }
}
