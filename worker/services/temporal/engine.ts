import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { spawnBound } from '../process.ts';
import { engineArguments } from './flags.ts';
import type { EngineFlags } from './flags.ts';

/** Histories are kept this long; the server's own default for its file is one day. */
export const retentionDays = 90;

export interface EngineOptions {
  readonly binary: string;
  readonly flags: EngineFlags;
  readonly stdio?: 'ignore' | 'inherit' | readonly ['ignore', number, number];
}

/** Starts the server as our child; it does not outlive us. Ask {@link waitForEngine} when it answers. */
export function startEngine(options: EngineOptions): ChildProcess {
  return spawnBound({
    command: options.binary,
    args: engineArguments(options.flags),
    // The server's own profile files and TEMPORAL_ variables are meant for clients: they do not concern it.
    env: Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('TEMPORAL_'))),
    cwd: '/',
    stdio: options.stdio === undefined ? 'ignore' : typeof options.stdio === 'string' ? options.stdio : [...options.stdio],
    onParentDeath: 'SIGTERM',
  });
}

export interface EngineInfo {
  readonly serverVersion: string;
}

/** Resolves once `getSystemInfo` is answered and the namespace exists; throws after `timeout_ms`. */
export async function waitForEngine(address: string, namespace = 'default', timeout_ms = 60_000): Promise<EngineInfo> {
  const end = Date.now() + timeout_ms;
  let last: unknown;
  while (Date.now() < end) {
    try {
      return await askEngine(address, namespace, 2_000);
    } catch (error) {
      last = error;
      await sleep(100);
    }
  }
  throw new TocsinError(
    `the engine at "${address}" does not answer within ${timeout_ms / 1000} s: ${String((last as Error | undefined)?.message ?? last)}`,
    {
      code: 'E-ENGINE-START',
      retry: true,
      hint: 'Read logs/engine.log in the data directory; tocsin doctor names the usual causes.',
    },
  );
}

/** One question to the engine: is it there, which version, does the namespace exist. */
export async function askEngine(address: string, namespace = 'default', timeout_ms = 2_000): Promise<EngineInfo> {
  const connection = await Connection.connect({ address, connectTimeout: timeout_ms });
  try {
    return await connection.withDeadline(Date.now() + timeout_ms, async () => {
      const info = await connection.workflowService.getSystemInfo({});
      await connection.workflowService.describeNamespace({ namespace });
      return { serverVersion: info.serverVersion ?? '' };
    });
  } finally {
    await connection.close();
  }
}

/** Raises the namespace's retention; the embedded server forgets it at each start. */
export async function raiseRetention(address: string, namespace = 'default', days = retentionDays): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 5_000 });
  try {
    await connection.withDeadline(Date.now() + 10_000, () =>
      connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: { seconds: (days * 86_400) as never, nanos: 0 } },
      }),
    );
  } finally {
    await connection.close();
  }
}
