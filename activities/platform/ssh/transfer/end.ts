import { open } from 'node:fs/promises';
import type { SFTPWrapper } from 'ssh2';
import type { Sink, Take } from './stream.ts';

/** One side of a copy: a file that is read or written at any offset, here or on a host. */
export interface End {
  readonly size: number;
  /** Permission bits, e.g. `0o644`. */
  readonly mode: number;
  /** Fills `into` from that offset as far as it can in one go; `0` = end of file. */
  readonly read: (offset: number, into: Buffer) => Promise<number>;
  readonly write: (offset: number, bytes: Buffer) => Promise<void>;
  /** To disk, where the other side can. */
  readonly sync: (mode: number) => Promise<void>;
  readonly close: () => Promise<void>;
  /** The whole file in order, faster; only where a shell may have it. @throws {NoStream} */
  readonly stream?: (take: Take) => Promise<void>;
  /** Writes the whole file in order, faster. @throws {NoStream} */
  readonly sink?: () => Promise<Sink>;
}

export type Access = 'read' | 'write';

export async function openLocal(path: string, access: Access): Promise<End> {
  const file = await open(path, access === 'read' ? 'r' : 'w', 0o600);
  const stat = await file.stat();
  if (!stat.isFile()) {
    await file.close();
    throw Object.assign(new Error('not a plain file'), { code: 'EISDIR' });
  }
  return {
    size: stat.size,
    mode: stat.mode & 0o7777,
    read: async (offset, into) => (await file.read(into, 0, into.length, offset)).bytesRead,
    write: async (offset, bytes) => {
      // A disk that fills up takes a part and refuses the rest.
      for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
    },
    sync: async (mode) => {
      await file.chmod(mode);
      await file.sync();
    },
    close: () => file.close(),
  };
}

type Done<T> = (error: Error | null | undefined, value: T) => void;

const dead = new WeakSet<SFTPWrapper>();

/** ssh2 never answers a request made after the session died; from here on {@link ask} refuses it. */
export function watch(sftp: SFTPWrapper): void {
  sftp.once('close', () => dead.add(sftp));
}

function lostSession(): Error {
  return Object.assign(new Error('the connection was lost'), { lost: true });
}

/** A callback of ssh2 as a promise that also fails when the session dies first. */
export function ask<T>(sftp: SFTPWrapper, start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    if (dead.has(sftp)) return reject(lostSession());
    const onClose = (): void => reject(lostSession());
    sftp.once('close', onClose);
    start((error, value) => {
      sftp.removeListener('close', onClose);
      if (error) reject(error);
      else resolve(value);
    });
  });
}

export async function openRemote(sftp: SFTPWrapper, path: string, access: Access): Promise<End> {
  sftp.setMaxListeners(0);
  const handle = await ask<Buffer>(sftp, (done) => sftp.open(path, access === 'read' ? 'r' : 'w', { mode: 0o600 }, done));
  const stat = await ask<{ size: number; mode: number }>(sftp, (done) => sftp.fstat(handle, done));
  if ((stat.mode & 0o170000) !== 0o100000) throw Object.assign(new Error('not a plain file'), { code: 'EISDIR' });
  return {
    size: stat.size,
    mode: stat.mode & 0o7777,
    read: (offset, into) =>
      ask(sftp, (done: Done<number>) => {
        sftp.read(handle, into, 0, into.length, offset, (error, got) => {
          // End of file is status 1, not a failure.
          if (error && (error as { code?: number }).code === 1) return done(null, 0);
          done(error, got);
        });
      }),
    write: (offset, bytes) =>
      ask(sftp, (done: Done<void>) => sftp.write(handle, bytes, 0, bytes.length, offset, (error) => done(error, undefined))),
    sync: async (mode) => {
      await ask(sftp, (done: Done<void>) => sftp.fchmod(handle, mode, (error) => done(error, undefined)));
      await fsync(sftp, handle);
    },
    close: () => ask(sftp, (done: Done<void>) => sftp.close(handle, (error) => done(error, undefined))),
  };
}

async function fsync(sftp: SFTPWrapper, handle: Buffer): Promise<void> {
  try {
    await ask(sftp, (done: Done<void>) => sftp.ext_openssh_fsync(handle, (error) => done(error, undefined)));
  } catch (error) {
    // ssh2 throws at once when the server does not offer it; every other failure counts.
    if (!/not support/i.test((error as Error).message)) throw error;
  }
}
