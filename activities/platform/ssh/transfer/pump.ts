import type { Hash } from 'node:crypto';
import type { End } from './end.ts';
import { changed, fill, readInOrder, sinkHere } from './flow.ts';
import { NoStream, type Take } from './stream.ts';

export interface PumpOptions {
  readonly from: End;
  readonly to: End;
  readonly signal: AbortSignal;
  /** Gets every byte in order, as it passes; `null` = moved without proof (for measuring only). */
  readonly hash: Hash | null;
  readonly onBytes?: (done: number) => void;
}

/** Fits into one packet of OpenSSH (256 KB); for a server that takes less, ssh2 cuts it. */
const piece = 128 * 1024;
/** Pieces under way: 2 MB, whatever the size of the file. */
const width = 16;

/** Copies whole and gives the bytes: as one stream where a shell is, else by requests of SFTP. @throws when the source changes its size meanwhile. */
export async function pump(options: PumpOptions): Promise<number> {
  const { from, to } = options;
  try {
    if (from.stream === undefined && to.sink === undefined) await byPieces(options);
    else await asStream(options);
  } catch (error) {
    if (!(error instanceof NoStream)) throw error;
    await byPieces(options);
  }
  if ((await from.read(from.size, Buffer.allocUnsafe(1))) > 0) throw changed('grew');
  return from.size;
}

async function asStream({ from, to, signal, hash, onBytes }: PumpOptions): Promise<void> {
  const sink = to.sink === undefined ? sinkHere(to) : await to.sink();
  let done = 0;
  const take: Take = (bytes) => {
    signal.throwIfAborted();
    done += bytes.length;
    if (done > from.size) throw changed('grew');
    hash?.update(bytes);
    onBytes?.(done);
    return sink.write(bytes);
  };
  try {
    if (from.stream === undefined) await readInOrder(from, take);
    else await from.stream(take);
    if (done < from.size) throw changed('shrank');
    await sink.end();
  } catch (error) {
    sink.destroy();
    throw error;
  }
}

/** Many pieces at a time, at their offsets. */
async function byPieces(options: PumpOptions): Promise<void> {
  const { from, to, signal, hash } = options;
  const ahead = new Map<number, Buffer>();
  // Used again and again: fresh ones for every piece cost a fifth of the time in garbage.
  const spare: Buffer[] = [];
  let next = 0;
  let hashed = 0;
  let failed = false;

  /** Pieces come back in any order; the sum needs them in theirs. */
  function sum(offset: number, bytes: Buffer): void {
    ahead.set(offset, bytes);
    for (let ready = ahead.get(hashed); ready !== undefined; ready = ahead.get(hashed)) {
      hash?.update(ready);
      ahead.delete(hashed);
      hashed += ready.length;
      spare.push(ready);
    }
    options.onBytes?.(hashed);
  }

  async function lane(): Promise<void> {
    while (next < from.size && !failed) {
      signal.throwIfAborted();
      const offset = next;
      const length = Math.min(piece, from.size - offset);
      next += length;
      const bytes = spare.at(-1)?.length === length ? spare.pop()! : Buffer.allocUnsafe(length);
      await fill(from, offset, bytes);
      await to.write(offset, bytes);
      sum(offset, bytes);
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.min(width, Math.ceil(from.size / piece)) }, lane));
  } catch (error) {
    failed = true;
    throw error;
  }
}
