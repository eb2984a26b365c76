import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { addressOf } from './address.ts';
import type { Address } from './address.ts';
import type { Probe, Seen } from './probe.ts';
import { lookOn, seconds } from './remote.ts';

/** Up when a TCP connection is accepted. */
export const tcp: Probe = {
  look: ({ target, site, timeout_ms, signal }) => connect({ ...addressOf(target, site, null), timeout_ms, signal }),
  async lookFrom(look) {
    const { host, port } = addressOf(look.target, look.site, null);
    const { up, ms, detail } = await lookOn(look, { program: remote, argv: [host, String(port), seconds(look.timeout_ms)] });
    return { up, ms, detail };
  },
};

const remote = `
if command -v nc >/dev/null 2>&1; then exec nc -z -w "$3" "$1" "$2"; fi
if command -v bash >/dev/null 2>&1; then exec timeout "$3" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2"; fi
if command -v python3 >/dev/null 2>&1; then exec python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3]))' "$1" "$2" "$3"; fi
exit 127`;

export interface ConnectOptions extends Address {
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
  /** What to do with the open connection; resolves with the detail, rejects when it is not up. */
  readonly talk?: (socket: Socket) => Promise<string | null>;
}

/** Opens a connection, talks if asked to, and closes it. */
export async function connect({ host, port, timeout_ms, signal, talk }: ConnectOptions): Promise<Seen> {
  const began = performance.now();
  const took = () => Math.round((performance.now() - began) * 10) / 10;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]);
  const socket = createConnection({ host, port });
  try {
    const detail = await new Promise<string | null>((resolve, reject) => {
      const stop = () => reject(new Error(`no answer in ${timeout_ms} ms`));
      if (limit.aborted) return stop();
      limit.addEventListener('abort', stop, { once: true });
      socket.once('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.message)));
      socket.once('connect', () => (talk === undefined ? resolve(null) : talk(socket).then(resolve, reject)));
    });
    return { up: true, ms: took(), detail };
  } catch (error) {
    return { up: false, ms: took(), detail: (error as Error).message };
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
