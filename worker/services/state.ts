import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { PartName, Place } from './place.ts';
import { partNames } from './place.ts';
import { isAlive, stopProcess } from './process.ts';
import type { ProcessId } from './process.ts';

export type PartState = 'starting' | 'running' | 'waiting' | 'stopping' | 'down';

/** What is known of a part, on disk so that the next start and `tocsin status` can read it. */
export interface PartRecord {
  readonly name: PartName;
  readonly state: PartState;
  readonly process: ProcessId | null;
  readonly supervisor: ProcessId;
  /** When this process was started, ISO. */
  readonly since: string;
  readonly restarts: number;
  /** Why it ended last, in words; `null` = it has not. */
  readonly last_end: string | null;
  readonly port: number | null;
}

export function writeState(place: Place, record: PartRecord): void {
  const file = place.state(record.name);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function readState(place: Place, name: PartName): PartRecord | null {
  try {
    return JSON.parse(readFileSync(place.state(name), 'utf8')) as PartRecord;
  } catch {
    return null;
  }
}

export function clearState(place: Place, name: PartName): void {
  rmSync(place.state(name), { force: true });
}

/**
 * Ends what an earlier supervisor left behind when it was killed. Only processes with the noted pid *and* start tick
 * are touched, so a pid that went to somebody else is safe. Answers the names of what was ended.
 */
export async function clearLeftovers(place: Place, names: readonly PartName[]): Promise<PartName[]> {
  const ended: PartName[] = [];
  for (const name of [...partNames].reverse().filter((part) => names.includes(part))) {
    const record = readState(place, name);
    if (record?.process && isAlive(record.process)) {
      await stopProcess(record.process, {
        signal: name === 'records' ? 'SIGINT' : 'SIGTERM',
        grace_ms: name === 'records' ? 20_000 : 5_000,
      });
      ended.push(name);
    }
    clearState(place, name);
  }
  return ended;
}
