import { createHash } from 'node:crypto';
import { TocsinError } from '../../errors.ts';
import type { SshPool } from '../pool.ts';
import type { End } from './end.ts';
import { folderOf, openPlace, temporary, type Opened, type Place } from './place.ts';
import { pump } from './pump.ts';

export interface CopyOptions {
  readonly pool: SshPool;
  readonly from: Place;
  readonly to: Place;
  /** Permission bits of the new file; `null` = those of the source. */
  readonly mode: number | null;
  /** Names the temporary file. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onBytes?: (done: number) => void;
}

/**
 * Copies one file whole: to a hidden neighbour, to disk, summed again by the machine that has it, then renamed in one step.
 * The old file stays until then. @throws {TocsinError}; unless it says otherwise, nothing was changed.
 */
export async function copyFile(options: CopyOptions): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const { from, to, signal } = options;
  const what = `Copy ${name(from)} to ${name(to)}`;
  const leases: Opened[] = [];
  try {
    const source = await openPlace(from, options);
    leases.push(source);
    const target = await openPlace(to, options);
    leases.push(target);
    const reading = await source.open(from.path, 'read').catch((error: unknown) => fail(what, error, `"${from.path}" ${on(from)}`));
    try {
      return await write({ ...options, what, source, target, reading });
    } finally {
      await reading.close().catch(() => undefined);
    }
  } catch (error) {
    if (signal.aborted && !(error instanceof TocsinError))
      throw new TocsinError(`${what}: stopped on request`, { code: 'E-COPY-ABORTED', kind: 'cancelled', cause: error });
    throw error;
  } finally {
    for (const lease of leases) lease.release();
  }
}

async function write(
  options: CopyOptions & { readonly what: string; readonly source: Opened; readonly target: Opened; readonly reading: End },
): Promise<{ sha256: string; bytes: number }> {
  const { what, from, to, source, target, reading, signal, onBytes } = options;
  const spare = temporary(to, createHash('sha256').update(options.key).digest('hex').slice(0, 12));
  const there = `"${to.path}" ${on(to)}`;
  const free = await target.free(folderOf(to)).catch(() => null);
  if (free !== null && free < reading.size) throw full(what, to, reading.size, free);
  const writing = await target.open(spare, 'write').catch((error: unknown) => fail(what, error, there));
  // A host sums its own file while we read it; what was summed must be what came.
  const claimed = from.host === null ? null : source.sum(from.path);
  claimed?.catch(() => undefined);
  try {
    const hash = createHash('sha256');
    const bytes = await pump({ from: reading, to: writing, signal, hash, ...(onBytes === undefined ? {} : { onBytes }) });
    const copied = { bytes, sha256: hash.digest('hex') };
    await writing.sync(options.mode ?? reading.mode);
    await writing.close();
    const own = claimed === null ? copied.sha256 : await claimed;
    if (own !== copied.sha256)
      throw new TocsinError(`${what}: the file changed while it was read (sha256 is ${own}, read was ${copied.sha256})`, {
        code: 'E-COPY-CHANGED',
        retry: true,
        kind: 'expect',
        hint: 'Nothing was replaced. Copy it again once nobody writes to it',
      });
    // On this machine the sum was taken of the very bytes that were written and flushed; a host is asked for its own.
    const sum = to.host === null ? copied.sha256 : await target.sum(spare);
    if (sum !== copied.sha256)
      throw new TocsinError(`${what}: the copy differs (sha256 is ${sum}, should be ${copied.sha256})`, {
        code: 'E-COPY-SUM',
        retry: true,
        kind: 'expect',
        hint: 'The old file is untouched. Check the disk of the target',
      });
    await target.rename(spare, to.path);
    return copied;
  } catch (error) {
    await writing.close().catch(() => undefined);
    await target.remove(spare).catch(() => undefined);
    if (error instanceof TocsinError || signal.aborted) throw error;
    const left = await target.free(folderOf(to)).catch(() => null);
    if (left !== null && left < Math.min(reading.size, 1024 * 1024)) throw full(what, to, reading.size, left);
    return fail(what, error, there);
  }
}

function name(place: Place): string {
  return place.host === null ? `"${place.path}"` : `"${place.host.name}:${place.path}"`;
}

function on(place: Place): string {
  return place.host === null ? 'on this machine' : `on "${place.host.name}"`;
}

function full(what: string, to: Place, need: number, free: number): TocsinError {
  return new TocsinError(`${what}: the disk ${on(to)} is full (${need} bytes needed, ${free} free)`, {
    code: 'E-COPY-FULL',
    hint: 'The old file is untouched and the partial copy was removed. Make room, then retry the step',
  });
}

const words: Readonly<Record<string, string>> = {
  '2': 'no such file or folder',
  ENOENT: 'no such file or folder',
  '3': 'permission denied',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is not a plain file',
  ENOSPC: 'no space left',
  EROFS: 'the file system is read-only',
};

function fail(what: string, error: unknown, where: string): never {
  if (error instanceof TocsinError) throw error;
  const raw = error as Error & { code?: string | number; lost?: boolean };
  if (raw.lost === true)
    throw new TocsinError(`${what}: the connection was lost`, {
      code: 'E-COPY-LOST',
      kind: 'unreachable',
      retry: true,
      hint: 'The old file is untouched; copying again is safe',
      cause: error,
    });
  const why = words[String(raw.code)] ?? raw.message;
  throw new TocsinError(`${what}: ${where}: ${why}`, {
    code: 'E-COPY',
    hint: 'The old file is untouched. Check path, owner and space there',
    cause: error,
  });
}
