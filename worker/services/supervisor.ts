import { TocsinError } from '../../activities/platform/errors.ts';
import { keep } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { tryLock } from './lock.ts';
import type { Held } from './lock.ts';
import { rotateLog } from './logs.ts';
import type { Part } from './part.ts';
import type { PartName, Place } from './place.ts';
import { partNames } from './place.ts';
import { clearLeftovers } from './state.ts';

export interface SupervisorOptions {
  readonly place: Place;
  readonly parts: readonly Part[];
  readonly say: (line: string) => void;
  /** Gives up a start under way: what is up already is ended in order. */
  readonly signal?: AbortSignal;
}

export interface Supervisor {
  /** Ends server, worker, engine, records, in this order. Calling it again waits for the same end. */
  readonly stop: () => Promise<void>;
  readonly pid: (name: PartName) => number | null;
}

const rotate_ms = 10_000;

/** Foundations together, then what stands on them; each `PartName` knows its row. */
const rows: readonly (readonly PartName[])[] = [
  ['records', 'engine'],
  ['worker', 'server'],
];

/** Starts the parts and keeps them alive. When one cannot come up at all, everything is ended again and the reason thrown. */
export async function supervise({ place, parts, say, signal }: SupervisorOptions): Promise<Supervisor> {
  const locks = takeLocks(place, parts);
  const ended = await clearLeftovers(
    place,
    parts.map((part) => part.name),
  );
  if (ended.length > 0) say(`ended what an earlier start left behind: ${ended.join(', ')}`);
  const keepers = new Map<PartName, Keeper>(parts.map((part) => [part.name, keep({ part, place, say })]));
  const rotation = setInterval(() => parts.forEach((part) => rotateLog(place.log(part.name))), rotate_ms);
  let ending: Promise<void> | null = null;

  async function end(): Promise<void> {
    clearInterval(rotation);
    for (const name of [...partNames].reverse()) await keepers.get(name)?.stop();
    for (const lock of locks) lock.release();
  }
  const stop = () => (ending ??= end());

  try {
    for (const row of rows) await Promise.race([startRow(row, keepers, say), aborted(signal)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop, pid: (name) => keepers.get(name)?.pid() ?? null };
}

async function startRow(row: readonly PartName[], keepers: Map<PartName, Keeper>, say: (line: string) => void): Promise<void> {
  const here = row.filter((name) => keepers.has(name));
  const results = await Promise.allSettled(
    here.map(async (name) => {
      const begin = Date.now();
      await keepers.get(name)!.start();
      say(`${name} is up (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () => reject(new TocsinError('the start was given up', { code: 'E-UP-ABORTED' }));
    if (signal?.aborted) give();
    else signal?.addEventListener('abort', give, { once: true });
  });
}

function takeLocks(place: Place, parts: readonly Part[]): Held[] {
  const held: Held[] = [];
  for (const part of parts) {
    const got = tryLock(place.lock(part.name));
    if ('release' in got) {
      held.push(got);
      continue;
    }
    for (const lock of held) lock.release();
    throw new TocsinError(`the ${part.name} of "${place.data}" is run by pid ${got.pid} already`, {
      code: 'E-ALREADY-UP',
      hint: 'See it with: tocsin status. End it with: tocsin down.',
    });
  }
  return held;
}
