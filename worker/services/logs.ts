import { closeSync, copyFileSync, existsSync, openSync, readSync, renameSync, statSync, truncateSync } from 'node:fs';

export const rotate_bytes = 10 * 1024 * 1024;
const kept = 3;

/** A descriptor that appends: after a rotation the child simply goes on at the start. */
export function openLog(file: string): number {
  return openSync(file, 'a', 0o600);
}

/**
 * Moves a log aside once it is large: `x.log` → `x.log.1` → `x.log.2` … The writer keeps its descriptor, so the file
 * is copied and cut, which may lose a line written in between; a log is no record.
 */
export function rotateLog(file: string, limit = rotate_bytes): boolean {
  if (!existsSync(file) || statSync(file).size < limit) return false;
  for (let n = kept - 1; n >= 1; n -= 1) {
    if (existsSync(`${file}.${n}`)) renameSync(`${file}.${n}`, `${file}.${n + 1}`);
  }
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
  return true;
}

/** The last lines of a log, for an error message. */
export function tailOf(file: string, lines = 8): string[] {
  if (!existsSync(file)) return [];
  const size = statSync(file).size;
  const length = Math.min(size, 16_384);
  const buffer = Buffer.alloc(length);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, buffer, 0, length, size - length);
  } finally {
    closeSync(fd);
  }
  return buffer.toString('utf8').trimEnd().split('\n').slice(-lines);
}
