import { createHash } from 'node:crypto';
import type { Chunk, Stream } from '../records/outputs.ts';

/** Kept of each stream in the records: its beginning and its end, with true offsets. */
const headMax = 7 * 1024 * 1024;
const tailMax = 1024 * 1024;
/** Carried in the result of the step. */
const resultMax = 16 * 1024;

export interface OutputOptions {
  readonly append: (chunk: Chunk) => Promise<void>;
  /** Bytes the records have from an earlier attempt under the same key; they are not written again. */
  readonly end: (stream: Stream) => Promise<number>;
  readonly chunk: Pick<Chunk, 'run' | 'step' | 'node' | 'key'>;
}

export interface StreamResult {
  /** Valid text: the end of the stream, marked when something stood before it. */
  readonly text: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly cut: boolean;
}

/** Takes a stream piece by piece with bounded memory, writes what is kept into the records. */
export function createOutput(options: OutputOptions): {
  readonly add: (stream: Stream, bytes: Buffer) => Promise<void>;
  readonly finish: () => Promise<Readonly<Record<Stream, StreamResult>>>;
} {
  const stdout = createStream('stdout', options);
  const stderr = createStream('stderr', options);
  return {
    add: (stream, bytes) => (stream === 'stdout' ? stdout : stderr).add(bytes),
    finish: async () => ({ stdout: await stdout.finish(), stderr: await stderr.finish() }),
  };
}

function createStream(
  stream: Stream,
  options: OutputOptions,
): { readonly add: (bytes: Buffer) => Promise<void>; readonly finish: () => Promise<StreamResult> } {
  const hash = createHash('sha256');
  let size = 0;
  let known: number | null = null;
  let tail: Buffer[] = [];
  let tailSize = 0;

  async function store(offset: number, bytes: Buffer): Promise<void> {
    known ??= await options.end(stream);
    const skip = Math.max(0, known - offset);
    if (skip >= bytes.length) return;
    await options.append({ ...options.chunk, stream, offset: offset + skip, bytes: bytes.subarray(skip) });
  }

  return {
    add: async (bytes) => {
      hash.update(bytes);
      const offset = size;
      size += bytes.length;
      // A copy: the piece may be a window into a much larger answer.
      tail.push(Buffer.from(bytes));
      tailSize += bytes.length;
      if (tailSize > 2 * tailMax) {
        tail = [Buffer.concat(tail).subarray(-tailMax)];
        tailSize = tailMax;
      }
      if (offset < headMax) await store(offset, bytes.subarray(0, headMax - offset));
    },
    finish: async () => {
      const end = Buffer.concat(tail).subarray(-tailMax);
      const from = Math.max(headMax, size - end.length);
      if (size > headMax) await store(from, end.subarray(end.length - (size - from)));
      const cut = size > resultMax;
      const text = readable(end.subarray(-resultMax), cut);
      return {
        text: cut ? `[${size - resultMax} bytes before this are in the records]\n${text}` : text,
        bytes: size,
        sha256: hash.digest('hex'),
        cut,
      };
    },
  };
}

/** UTF-8 with U+FFFD for what is none; NUL too, which PostgreSQL cannot hold in text. */
export function readable(bytes: Buffer, cutBefore: boolean): string {
  let start = 0;
  if (cutBefore) while (start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return new TextDecoder('utf-8').decode(bytes.subarray(start)).replaceAll('\0', '\ufffd');
}

/** Last line that says something, without control characters, for a one-line message. */
export function lastLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const lines = text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ')
    .split('\n');
  return (
    lines
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .at(-1) ?? ''
  ).slice(0, 300);
}
