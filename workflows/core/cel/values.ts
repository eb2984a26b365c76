import { isCelError, isCelList, isCelMap, isCelUint, type CelInput, type CelValue } from '@bufbuild/cel';
import type { Json, JsonMap, Moment } from '../../domain/words.ts';

/** A length of time in a scope; expressions see a CEL duration. */
export class Span {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}
/** A moment in a scope; expressions see a CEL timestamp. */
export class Instant {
  readonly ms: Moment;
  constructor(ms: Moment) {
    this.ms = ms;
  }
}

export type ScopeValue = Json | Span | Instant | readonly ScopeValue[] | { readonly [key: string]: ScopeValue };
/** Root names and what they stand for. Values are never changed. */
export type Scope = { readonly [root: string]: ScopeValue | undefined };

/** Which parts of a scope an expression reads: a tree of keys; a node without children is read whole. */
export type Reads = Map<string, Reads>;

const depthMax = 64;

/**
 * JSON as CEL sees it. Whole numbers become int (BigInt), so that `x + 1` works; others stay double. Objects become maps and
 * never messages, whatever their keys are called. Only what `reads` names is converted: a scope may hold a thousand hosts.
 */
export function toCel(value: ScopeValue, reads: Reads | null = null, depth = 0): CelInput {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Span) return protoTime('Duration', value.ms);
  if (value instanceof Instant) return protoTime('Timestamp', value.ms);
  if (depth >= depthMax) throw new Error(`values are nested deeper than ${depthMax}`);
  if (Array.isArray(value)) return value.map((item: ScopeValue) => toCel(item, null, depth + 1));
  const map = new Map<string, CelInput>();
  const entries = value as { readonly [key: string]: ScopeValue };
  const keys = reads !== null && reads.size > 0 ? reads.keys() : Object.keys(entries);
  for (const key of keys) {
    if (!Object.hasOwn(entries, key) || entries[key] === undefined) continue;
    map.set(key, toCel(entries[key], reads?.get(key) ?? null, depth + 1));
  }
  return map;
}

function protoTime(name: 'Duration' | 'Timestamp', ms: number): CelInput {
  const seconds = name === 'Duration' ? Math.trunc(ms / 1000) : Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  return { $typeName: `google.protobuf.${name}`, seconds: BigInt(seconds), nanos } as unknown as CelInput;
}

/**
 * A result as JSON. int and uint become numbers, a duration its seconds as text (`"600s"`, `"1.5s"`), a timestamp RFC 3339 in UTC.
 * Throws a plain Error for what JSON cannot carry; the caller adds the expression.
 */
export function fromCel(value: CelValue): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return wholeNumber(value);
  if (typeof value === 'number') return finite(value);
  if (isCelError(value)) throw value;
  if (isCelUint(value)) return wholeNumber(value.value);
  if (isCelList(value)) return Array.from(value, fromCel);
  if (isCelMap(value)) return fromMap(value);
  if (value instanceof Uint8Array) throw new Error('a result of type bytes cannot be kept; write string(…)');
  return fromMessage(value);
}

function fromMap(value: ReadonlyMap<unknown, CelValue>): JsonMap {
  const out: JsonMap = {};
  for (const [key, item] of value) {
    const name = String(isCelUint(key) ? key.value : key);
    // A map that looks like a secret's reference could only come from outside: it would make a hand read that secret.
    if (name === '$secret') throw new Error('a value may not hold the key "$secret"; write ${{ secrets.NAME }} alone');
    Object.defineProperty(out, name, { value: fromCel(item), enumerable: true, configurable: true, writable: true });
  }
  return out;
}

function fromMessage(value: unknown): Json {
  const message = (value as { message?: { $typeName?: string; seconds?: bigint; nanos?: number } }).message;
  const { $typeName, seconds, nanos } = message ?? {};
  if (seconds === undefined || nanos === undefined) throw new Error(`a result of type ${$typeName ?? String(value)} cannot be kept`);
  if ($typeName === 'google.protobuf.Timestamp') return new Date(Number(seconds) * 1000 + nanos / 1e6).toISOString();
  return `${Number(seconds) + nanos / 1e9}s`;
}

function wholeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`the number ${value} is too large to be kept exactly; write string(…)`);
  return number;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`the result is ${value}, which is not a number that can be kept`);
  return value;
}
