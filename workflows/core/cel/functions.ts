import { celEnv, celFunc, CelScalar, type CelFunc, type CelInput } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Json, Moment } from '../../domain/words.ts';
import { Instant, toCel } from './values.ts';

const { DOUBLE, DYN, INT, STRING } = CelScalar;
const jsonMax = 1_000_000;

/** The moment `now()` gives while an expression is evaluated. Evaluation is synchronous, so one variable is enough. */
let moment: Moment | null = null;

export function atMoment<T>(now: Moment | null, work: () => T): T {
  const before = moment;
  moment = now;
  try {
    return work();
  } finally {
    moment = before;
  }
}

function now(): CelInput {
  if (moment === null) throw new Error('now() has no value here');
  return toCel(new Instant(moment));
}

function json(text: string): CelInput {
  if (text.length > jsonMax) throw new Error(`json() was given ${text.length} characters, the limit is ${jsonMax}`);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new Error(`json() cannot read ${JSON.stringify(text.slice(0, 60))}: ${(error as Error).message}`);
  }
  return toCel(value);
}

/**
 * JSON does not tell 2 from 2.0, so a measured 2.0 arrives as int and 2.5 as double; without these, `load * 1.5` would work or
 * fail with the weather. Division of two whole numbers stays whole, as CEL has it.
 */
const sums: Readonly<Record<string, (a: number, b: number) => number>> = {
  '_+_': (a, b) => a + b,
  '_-_': (a, b) => a - b,
  '_*_': (a, b) => a * b,
  '_/_': (a, b) => a / b,
};
const mixed: CelFunc[] = Object.entries(sums).flatMap(([name, sum]) => [
  celFunc(name, [INT, DOUBLE], DOUBLE, (a, b) => sum(Number(a), b)),
  celFunc(name, [DOUBLE, INT], DOUBLE, (a, b) => sum(a, Number(b))),
]);

const own: CelFunc[] = [celFunc('now', [], DYN, now as () => never), celFunc('json', [STRING], DYN, json as (text: string) => never)];

/** RE2 is the library's own engine: linear, so no pattern can freeze us. */
export const environment = celEnv({ funcs: [...strings, ...mixed, ...own] });

/** Every name that may be called, for spelling help and for telling `strings.quote(x)` from a root called `strings`. */
export const functionNames: ReadonlySet<string> = new Set(
  [...environment.funcs]
    .map((func) => func.name)
    .filter((name) => /^[a-z][A-Za-z.]*$/.test(name))
    .concat('has', 'all', 'exists', 'exists_one', 'map', 'filter'),
);
