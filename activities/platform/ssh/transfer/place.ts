import { rename, rm, statfs } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, dirname, join, posix } from 'node:path';
import type { Host } from '../../../../workflows/domain/site.ts';
import { TocsinError } from '../../errors.ts';
import type { SshPool } from '../pool.ts';
import { ask, openLocal, openRemote, watch, type Access, type End } from './end.ts';
import { canStream, streamFrom, streamTo } from './stream.ts';

/** Where a file is: on this machine (`host: null`) or on a host. */
export interface Place {
  readonly host: Host | null;
  readonly path: string;
}

/** A place with a session to it. */
export interface Opened {
  readonly place: Place;
  readonly open: (path: string, access: Access) => Promise<End>;
  /** Bytes free for us on the file system of that folder; `null` when it cannot be asked. */
  readonly free: (folder: string) => Promise<number | null>;
  readonly sum: (path: string) => Promise<string>;
  /** Over an existing file too, in one step. */
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  readonly release: () => void;
}

export function folderOf(place: Place): string {
  return place.host === null ? dirname(place.path) : posix.dirname(place.path);
}

/** A hidden neighbour, so that the rename stays on one file system; the same for every retry, so that none is left behind. */
export function temporary(place: Place, tag: string): string {
  const name = `.${basename(place.path)}.tocsin-${tag}`;
  return place.host === null ? join(dirname(place.path), name) : posix.join(posix.dirname(place.path), name);
}

export async function openPlace(place: Place, options: { readonly pool: SshPool; readonly signal: AbortSignal }): Promise<Opened> {
  return place.host === null ? openHere(place) : openThere(place, place.host, options);
}

function openHere(place: Place): Opened {
  return {
    place,
    open: openLocal,
    free: async (folder) => {
      const stat = await statfs(folder);
      return stat.bavail * stat.bsize;
    },
    sum: async (path) => sumOf(await openLocal(path, 'read')),
    rename: (from, to) => rename(from, to),
    remove: (path) => rm(path, { force: true }),
    release: () => undefined,
  };
}

/** The host's own word for the sum: what its disk gives back, not what we sent. openssl first: it uses the processor's own SHA, coreutils often does not. */
const sumProgram = 'openssl dgst -sha256 -r <"$1" 2>/dev/null || sha256sum <"$1" 2>/dev/null || shasum -a 256 <"$1"';

async function openThere(place: Place, host: Host, options: { readonly pool: SshPool; readonly signal: AbortSignal }): Promise<Opened> {
  const { pool, signal } = options;
  const lease = await pool.sftp(host, signal);
  const { sftp } = lease;
  watch(sftp);
  return {
    place,
    open: async (path, access) => {
      const end = await openRemote(sftp, path, access);
      if (!canStream(path)) return end;
      const spot = { pool, host, path, signal };
      return access === 'read' ? { ...end, stream: (take) => streamFrom(spot, take) } : { ...end, sink: () => streamTo(spot) };
    },
    free: async (folder) => {
      try {
        const stat = await ask<{ f_bavail: number; f_frsize: number }>(sftp, (done) => sftp.ext_openssh_statvfs(folder, done as never));
        return Number(stat.f_bavail) * Number(stat.f_frsize);
      } catch {
        return null;
      }
    },
    sum: async (path) => {
      const answer = await pool
        .exec(host, { program: sumProgram, argv: [path], timeout_ms: 600_000, signal, cap: 4_096 })
        .catch((error: unknown) => {
          // A forced internal-sftp ends such a channel with or without an exit status. When the connection is gone, reading back says so.
          if (error instanceof TocsinError && (error.code === 'E-SSH-SHELL' || error.code === 'E-SSH-LOST')) return null;
          throw error;
        });
      const sum = /^[0-9a-f]{64}/.exec(answer?.stdout.toString('latin1') ?? '')?.[0];
      // Without a shell or any of the three programs the file is read back instead.
      return sum ?? sumOf(await openRemote(sftp, path, 'read'));
    },
    rename: async (from, to) => {
      try {
        await ask(sftp, (done: (error: Error | null | undefined, value: void) => void) =>
          sftp.ext_openssh_rename(from, to, (error) => done(error, undefined)),
        );
      } catch (error) {
        if (!/not support/i.test((error as Error).message)) throw error;
        await ask(sftp, (done: (error: Error | null | undefined, value: void) => void) =>
          sftp.rename(from, to, (failure) => done(failure, undefined)),
        );
      }
    },
    remove: (path) =>
      ask(sftp, (done: (error: Error | null | undefined, value: void) => void) => sftp.unlink(path, (error) => done(error, undefined))),
    release: lease.release,
  };
}

async function sumOf(end: End): Promise<string> {
  const hash = createHash('sha256');
  try {
    const bytes = Buffer.allocUnsafe(256 * 1024);
    for (let at = 0; at < end.size;) {
      const got = await end.read(at, bytes);
      if (got === 0) break;
      hash.update(bytes.subarray(0, got));
      at += got;
    }
    return hash.digest('hex');
  } finally {
    await end.close();
  }
}
