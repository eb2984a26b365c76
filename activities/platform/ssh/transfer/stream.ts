import { randomBytes } from 'node:crypto';
import type { Host } from '../../../../workflows/domain/site.ts';
import type { SshPool } from '../pool.ts';
import { quote } from '../quote.ts';

/** Gets bytes in their order. A promise holds the source back; the bytes are free again once it settles. */
export type Take = (bytes: Buffer) => void | Promise<void>;

export interface Sink {
  readonly write: Take;
  /** Resolves when the host has taken every byte. */
  readonly end: () => Promise<void>;
  readonly destroy: () => void;
}

export interface Spot {
  readonly pool: SshPool;
  readonly host: Host;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** No shell there, or it does not see the file: not one byte has moved, SFTP has to do it. */
export class NoStream extends Error {}

/** SFTP and shell may begin in different folders: only a path from the root means the same file to both. */
export function canStream(path: string): boolean {
  return path.startsWith('/');
}

const day_ms = 86_400_000;

/** The file from a plain `cat`: one stream costs half of what the requests of SFTP cost. @throws {NoStream} */
export async function streamFrom({ pool, host, path, signal }: Spot, take: Take): Promise<void> {
  const stop = new AbortController();
  let begun = false;
  let failed: Error | null = null;
  function fail(error: unknown): void {
    failed ??= error as Error;
    stop.abort();
  }
  function onStdout(bytes: Buffer): void | Promise<void> {
    begun = true;
    if (failed !== null) return;
    try {
      return take(bytes)?.catch(fail);
    } catch (error) {
      fail(error);
    }
  }
  const both = AbortSignal.any([signal, stop.signal]);
  const answer = await pool
    .exec(host, { argv: ['cat', path], timeout_ms: day_ms, signal: both, cap: 0, onStdout })
    .catch((error: unknown) => error as Error);
  signal.throwIfAborted();
  if (failed !== null) throw failed as Error;
  if (!(answer instanceof Error) && answer.exit === 0) return;
  if (!begun) throw new NoStream();
  if (answer instanceof Error) throw answer;
  throw new Error(`reading ended with exit status ${answer.exit}`);
}

/**
 * An open `cat` into a file that stands there and is empty. The program comes first and alone: bytes follow only when
 * the shell has said that it is past reading, so none can be taken for text of a program. @throws {NoStream}
 */
export async function streamTo({ pool, host, path, signal }: Spot): Promise<Sink> {
  const nonce = `tc1-${randomBytes(9).toString('hex')}`;
  const file = quote(path);
  const { channel, release } = await pool.channel(host, 'sh -s', signal);
  let said = '';
  let complaint = '';
  let exit: number | null = null;
  let onSaid = (): void => undefined;
  channel.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('latin1')).slice(-65_536);
    onSaid();
  });
  channel.stderr.on('data', (bytes: Buffer) => {
    complaint = (complaint + bytes.toString('utf8')).slice(0, 1_000);
  });
  channel.on('error', () => undefined);
  channel.on('exit', (code: number | null) => {
    exit = code;
  });
  let open = true;
  const waiting = new Set<(error: Error) => void>();
  const closed = new Promise<void>((resolve) => {
    channel.once('close', () => {
      open = false;
      release();
      for (const reject of waiting) reject(reason());
      resolve();
    });
  });
  function destroy(): void {
    signal.removeEventListener('abort', destroy);
    channel.destroy();
    release();
  }
  function reason(): Error {
    if (exit === null) return Object.assign(new Error('the connection was lost'), { lost: true });
    const code = /no space left/i.test(complaint) ? 'ENOSPC' : 'ESTREAM';
    return Object.assign(new Error(complaint.trim() || `writing ended with exit status ${exit}`), { code });
  }
  signal.addEventListener('abort', destroy, { once: true });
  const began = new Promise<void>((resolve) => {
    onSaid = () => {
      if (said.includes(nonce)) resolve();
    };
  });
  channel.write(`{ [ -f ${file} ] && [ ! -s ${file} ] && printf '%s\\n' ${nonce} && exec cat >${file}\nexit 1\n}\n`);
  const timer = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
  await Promise.race([began, closed, timer]);
  if (!said.includes(nonce)) {
    destroy();
    signal.throwIfAborted();
    throw new NoStream();
  }
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!open) return reject(reason());
        waiting.add(reject);
        channel.write(bytes, () => {
          waiting.delete(reject);
          resolve();
        });
      }),
    end: async () => {
      channel.end();
      await closed;
      signal.removeEventListener('abort', destroy);
      if (exit !== 0) throw reason();
    },
    destroy,
  };
}
