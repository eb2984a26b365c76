import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import type { Host } from '../../../workflows/domain/site.ts';
import { TocsinError } from '../errors.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import { dial, type Connection } from './connection.ts';
import type { CredentialOptions } from './credentials.ts';
import { isCrowded } from './errors.ts';
import { createLimit, type Limit } from './limit.ts';

export interface DialerOptions {
  readonly credentials: CredentialOptions;
  readonly ready_timeout_ms: number;
  readonly keepalive_ms: number;
  /** Handshakes under way at once, in all and through one bastion. */
  readonly dials_max: number;
  readonly dials_max_per_bastion: number;
  /** A stream to `address:port` through the last of `jump`, and how to give it back. */
  readonly through: (host: Host) => Promise<{ readonly sock: Duplex; readonly release: () => void } | null>;
}

export interface Dialer {
  readonly dial: (host: Host, key: string) => Promise<Connection>;
  readonly forget: (key: string) => void;
  readonly count: () => { dialed: number; failed: number; waiting: number };
}

const crowdTries = 6;

export function createDialer(options: DialerOptions): Dialer {
  const all = createLimit(options.dials_max);
  const perBastion = new Map<string, Limit>();
  const breakers = new Map<string, Breaker>();
  let dialed = 0;
  let failed = 0;

  async function once(host: Host): Promise<Connection> {
    const way = await options.through(host);
    try {
      const connection = await dial({
        host,
        credentials: options.credentials,
        sock: way?.sock ?? null,
        ready_timeout_ms: options.ready_timeout_ms,
        keepalive_ms: options.keepalive_ms,
      });
      if (way !== null) connection.onEnd(way.release);
      return connection;
    } catch (error) {
      way?.sock.destroy();
      way?.release();
      throw error;
    }
  }

  /** A full sshd (MaxStartups) drops newcomers at random: the same dial a moment later gets in. */
  async function patiently(host: Host): Promise<Connection> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(host);
      } catch (error) {
        const cause = error instanceof TocsinError ? error.cause : error;
        if (attempt >= crowdTries || !isCrowded(cause)) throw error;
        await sleep(100 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  function limited(host: Host, task: () => Promise<Connection>): Promise<Connection> {
    const bastion = host.jump.at(-1);
    if (bastion === undefined) return all.run(task);
    const limit = perBastion.get(bastion) ?? createLimit(options.dials_max_per_bastion);
    perBastion.set(bastion, limit);
    // The bastion's own dial takes a place of `all`; holding one here as well could starve it.
    return limit.run(task);
  }

  return {
    forget: (key) => void breakers.delete(key),
    count: () => ({ dialed, failed, waiting: all.waiting() }),
    dial: async (host, key) => {
      const breaker = breakers.get(key) ?? createBreaker({ failures: 3, first_ms: 1_000, longest_ms: 30_000 });
      breakers.set(key, breaker);
      const wait = breaker.wait_ms();
      if (wait > 0) throw resting(host, wait, breaker.last());
      try {
        const connection = await limited(host, () => patiently(host));
        dialed += 1;
        breaker.worked();
        return connection;
      } catch (error) {
        failed += 1;
        breaker.failed(error as Error);
        throw error;
      }
    },
  };
}

function resting(host: Host, wait_ms: number, last: Error | null): TocsinError {
  const base = last instanceof TocsinError ? last : null;
  return new TocsinError(
    `${last?.message ?? `Connect to "${host.name}"`} (failed several times in a row; not tried again for ${Math.ceil(wait_ms / 1000)} s)`,
    {
      code: base?.code ?? 'E-SSH-UNREACHABLE',
      kind: base?.kind ?? 'unreachable',
      retry: base?.retry ?? true,
      ...(base?.hint == null ? {} : { hint: base.hint }),
      cause: last,
    },
  );
}
