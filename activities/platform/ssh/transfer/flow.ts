import type { End } from './end.ts';
import type { Sink, Take } from './stream.ts';

/** Large: every piece costs a turn of the loop and a call, whatever its size. */
const piece = 512 * 1024;
/** Pieces read ahead, or being written: memory stays near 4 MB whatever the size of the file. */
const ahead = 8;

/** A file of this machine, in order, the next pieces already coming. @throws when it is shorter than it said. */
export async function readInOrder(from: End, take: Take): Promise<void> {
  const pieces = Math.ceil(from.size / piece);
  const coming: Promise<Buffer>[] = [];
  const buffers = Array.from({ length: Math.min(ahead, pieces) }, () => Buffer.allocUnsafe(Math.min(piece, from.size)));
  function begin(at: number): void {
    const slot = at % ahead;
    const bytes = buffers[slot]!.subarray(0, Math.min(piece, from.size - at * piece));
    coming[slot] = fill(from, at * piece, bytes).then(() => bytes);
    coming[slot].catch(() => undefined);
  }
  for (let at = 0; at < buffers.length; at += 1) begin(at);
  for (let at = 0; at < pieces; at += 1) {
    await take(await coming[at % ahead]!);
    if (at + ahead < pieces) begin(at + ahead);
  }
}

/** A file of this machine that gets a stream. Bytes are copied into large pieces that are used again: small writes cost a call each. */
export function sinkHere(to: End): Sink {
  const spare: Buffer[] = [];
  const writing = new Set<Promise<void>>();
  let current: Buffer | null = null;
  let filled = 0;
  let offset = 0;
  let failed: unknown = null;

  async function put(whole: Buffer, place: number, length: number): Promise<void> {
    try {
      await to.write(place, whole.subarray(0, length));
    } catch (error) {
      failed ??= error;
    }
    spare.push(whole);
  }

  function flush(): void {
    if (current === null || filled === 0) return;
    const whole = current;
    const done = put(whole, offset, filled).finally(() => writing.delete(done));
    writing.add(done);
    offset += filled;
    current = null;
    filled = 0;
  }

  return {
    write: (bytes) => {
      if (failed !== null) throw failed;
      for (let at = 0; at < bytes.length;) {
        current ??= spare.pop() ?? Buffer.allocUnsafe(piece);
        const copied = bytes.copy(current, filled, at);
        at += copied;
        filled += copied;
        if (filled === piece) flush();
      }
      // Nothing to wait for most of the time: a promise would pause the stream for every packet.
      if (writing.size >= ahead) return Promise.race(writing);
    },
    end: async () => {
      flush();
      await Promise.all(writing);
      if (failed !== null) throw failed;
    },
    destroy: () => undefined,
  };
}

/** @throws when the file ends before. */
export async function fill(from: End, offset: number, into: Buffer): Promise<void> {
  for (let got = 0; got < into.length;) {
    const more = await from.read(offset + got, got === 0 ? into : into.subarray(got));
    if (more === 0) throw changed('shrank');
    got += more;
  }
}

export function changed(how: 'grew' | 'shrank'): Error {
  return Object.assign(new Error(`it ${how} while it was read`), { code: 'ECHANGED' });
}
