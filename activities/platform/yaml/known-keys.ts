import type { z } from 'zod';
import type { Path } from './document.ts';

/** The part of a zod definition that is walked here. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: { readonly [key: string]: z.ZodType };
}

function definition(shape: z.ZodType): Definition {
  return shape._zod.def as unknown as Definition;
}

/** Keys that a shape allows at a path; those of all branches where it forks. */
export function knownKeys(shape: z.ZodType, path: Path): string[] {
  let level = [shape];
  for (const key of path) level = level.flatMap(bare).flatMap((each) => step(each, key));
  return [...new Set(level.flatMap(bare).flatMap((each) => Object.keys(definition(each).shape ?? {})))];
}

/** Without optional, default, nullable, pipe; a union as its branches. */
function bare(shape: z.ZodType): z.ZodType[] {
  const { type, innerType, in: source, options } = definition(shape);
  if (type === 'union') return options!.flatMap(bare);
  const inner = innerType ?? (type === 'pipe' ? source : undefined);
  return inner === undefined ? [shape] : bare(inner);
}

function step(shape: z.ZodType, key: string | number): z.ZodType[] {
  const { shape: keys, element, valueType } = definition(shape);
  const next = keys?.[String(key)] ?? element ?? valueType;
  return next === undefined ? [] : [next];
}
