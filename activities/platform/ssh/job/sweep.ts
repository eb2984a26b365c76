import type { Host } from '../../../../workflows/domain/site.ts';
import { talk } from '../channel.ts';
import { shellCommand } from '../exec.ts';
import type { SshPool } from '../pool.ts';
import { baseOf, sweepProgram } from './request.ts';

/** Output of an ended job is kept this long on the host, its begin and end this long: longer than any retry or reset of a run. */
const days = { output: 2, all: 30 } as const;
const everyMs = 12 * 3_600_000;

export interface Sweeper {
  /** Clears old jobs of that ledger away, at most twice a day, beside other work; a failure is tried again next time. */
  readonly after: (host: Host, request: { readonly sudo?: boolean; readonly as?: string }) => void;
}

export function createSweeper(pool: Pick<SshPool, 'channel'>): Sweeper {
  const last = new Map<string, number>();
  return {
    after: (host, request) => {
      const place = `${host.user}@${host.address}:${host.port} ${shellCommand(host, request)} ${baseOf(host, request)}`;
      const due = last.get(place);
      if (due !== undefined && Date.now() - due < everyMs) return;
      // The first job on a host only notes the time: sweeping must not slow down an emergency.
      last.set(place, Date.now());
      if (due !== undefined) sweepNow(pool, host, request).catch(() => last.set(place, due));
    },
  };
}

/** @returns whether the host said that it is done. */
export async function sweepNow(
  pool: Pick<SshPool, 'channel'>,
  host: Host,
  request: { readonly sudo?: boolean; readonly as?: string },
  keep: { readonly output: number; readonly all: number } = days,
): Promise<boolean> {
  const { channel, release } = await pool.channel(host, shellCommand(host, request));
  let said = '';
  try {
    await talk({
      channel,
      input: sweepProgram(baseOf(host, request), 'tj1-sweep', keep),
      timeout_ms: 120_000,
      signal: null,
      onStdout: (chunk) => void (said += chunk.toString('latin1')),
      onStderr: () => undefined,
      kill: null,
    });
    return said.includes('tj1-sweep swept');
  } finally {
    release();
  }
}
