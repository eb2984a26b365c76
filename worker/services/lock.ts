import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, processId } from './process.ts';
import type { ProcessId } from './process.ts';

/** Runs `work` while no other process does the same under `file`. A holder that died gives way by itself. */
export async function withLock<T>(
  file: string,
  waiting: (holder: ProcessId, waited_s: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const begin = Date.now();
  while (!take(file)) {
    const holder = read(file);
    if (holder !== null) waiting(holder, Math.round((Date.now() - begin) / 1000));
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    release(file);
  }
}

export interface Held {
  readonly release: () => void;
}

/** Takes the lock at once, or answers who holds it. It ends with this process, however that ends. */
export function tryLock(file: string): Held | ProcessId {
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    if (take(file)) return { release: () => release(file) };
    const holder = read(file);
    if (holder !== null && isAlive(holder)) return holder;
  }
}

/** Who holds it now, or `null`. */
export function lockHolder(file: string): ProcessId | null {
  const holder = read(file);
  return holder !== null && isAlive(holder) ? holder : null;
}

function release(file: string): void {
  if (read(file)?.pid === process.pid) rmSync(file, { force: true });
}

function take(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(processId(process.pid)));
  try {
    if (claim(mine, file)) return true;
    const holder = read(file);
    if (holder !== null && isAlive(holder)) return false;
    return buryDead(file) && claim(mine, file);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A hard link is made by one of many, whole, or not at all. */
function claim(mine: string, file: string): boolean {
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function buryDead(file: string): boolean {
  const grave = `${file}.dead.${process.pid}`;
  try {
    renameSync(file, grave);
  } catch {
    return true;
  }
  const buried = read(grave);
  // Somebody living took the lock between our look and our move: hand it back.
  if (buried !== null && isAlive(buried)) claim(grave, file);
  rmSync(grave, { force: true });
  return buried === null || !isAlive(buried);
}

function read(file: string): ProcessId | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessId;
  } catch {
    return null;
  }
}
