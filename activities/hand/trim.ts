import type { Outcome } from '../../workflows/core/run.ts';
import type { Json } from '../../workflows/domain/words.ts';

/** All outcomes of one activity together: far below what the engine takes, so that 1,000 targets stay cheap to carry. */
export const budget = 200_000;
const fewUnits = 20;
const bytesWhenMany = 1_024;
const most = 64_000;

/** Room for one outcome when `units` share the answer. */
export function roomFor(units: number): number {
  if (units > fewUnits) return bytesWhenMany;
  return Math.min(most, Math.floor(budget / Math.max(1, units)));
}

/** Cuts long texts and lists of the result; what was cut says so. Full output is in the records. */
export function trimOutcome(outcome: Outcome, room: number): Outcome {
  if (sizeOf(outcome) <= room) return outcome;
  const problem =
    outcome.problem === null ? null : { ...outcome.problem, message: cut(outcome.problem.message, Math.max(300, Math.floor(room / 4))) };
  if (outcome.result === null) return { ...outcome, problem };
  const size = Object.keys(outcome.result).length;
  for (const share of [2, 4, 16, 64]) {
    const result = Object.fromEntries(
      Object.entries(outcome.result).map(([key, value]) => [key, shorten(value, Math.floor(room / share / Math.min(size, 2)))]),
    );
    const trimmed = { ...outcome, result: { ...result, truncated: true }, problem };
    if (sizeOf(trimmed) <= room * 1.25) return trimmed;
  }
  return { ...outcome, result: { truncated: true }, problem };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

function shorten(value: Json, room: number): Json {
  if (typeof value === 'string') return cut(value, room);
  if (Array.isArray(value)) return fill(value, room);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(fill(Object.entries(value), room));
}

function fill<T>(items: readonly T[], room: number): T[] {
  const kept: T[] = [];
  let used = 0;
  for (const item of items) {
    used += sizeOf(item);
    if (used > room) break;
    kept.push(item);
  }
  return kept;
}

/** Keeps the beginning and the end: the end is where commands say why they failed. */
function cut(text: string, room: number): string {
  if (Buffer.byteLength(JSON.stringify(text)) <= room) return text;
  const note = ' … cut … ';
  const share = Buffer.byteLength(JSON.stringify(text)) / text.length;
  const half = Math.max(0, Math.floor((room / share - note.length) / 2));
  return `${whole(text.slice(0, half))}${note}${half === 0 ? '' : whole(text.slice(-half))}`;
}

/** No half of a surrogate pair at the cuts. */
function whole(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, '').replace(/^[\uDC00-\uDFFF]/, '');
}
