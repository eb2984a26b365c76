import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, stopProcess } from '../../worker/services/process.ts';
import type { ProcessId } from '../../worker/services/process.ts';

/** What one jest run started and shares among its files: kept on disk, since each file has a module world of its own. */
export interface Shared<T> {
  readonly id: ProcessId;
  readonly stop: NodeJS.Signals;
  readonly value: T;
}

const variable = 'TOCSIN_TEST_SHARED';

/** Folder of this jest run; made by the global set-up, or here when a file runs without it. */
export function sharedDirectory(): string {
  const known = process.env[variable];
  if (known) return known;
  const fresh = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
  // Accounts of the parts must be able to walk through.
  chmodSync(fresh, 0o755);
  process.env[variable] = fresh;
  return fresh;
}

/** The running part of that name, or a new one: the first file that asks starts it. */
export async function shared<T>(name: string, start: (directory: string) => Promise<Shared<T>>): Promise<T> {
  const file = join(sharedDirectory(), `${name}.json`);
  const known = read<T>(file);
  if (known !== null && isAlive(known.id)) return known.value;
  const directory = join(sharedDirectory(), name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const started = await start(directory);
  writeFileSync(file, JSON.stringify(started));
  return started.value;
}

/** Stops, by pid and start tick, what the run started, and removes its folder. */
export async function stopShared(): Promise<void> {
  const directory = process.env[variable];
  if (!directory) return;
  for (const name of readdirSync(directory).filter((entry) => entry.endsWith('.json'))) {
    const known = read(join(directory, name));
    if (known) await stopProcess(known.id, { signal: known.stop, grace_ms: 5_000 });
  }
  rmSync(directory, { recursive: true, force: true });
}

function read<T>(file: string): Shared<T> | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Shared<T>;
  } catch {
    return null;
  }
}
