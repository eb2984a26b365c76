import { z } from 'zod';
import { durationMs } from '../../../workflows/domain/duration.ts';

/** Small shapes that all nouns share. Descriptions end up in the docs tables and in editors. */

export const idPattern = /^[a-z][a-z0-9_]*$/;

export const id = z
  .string()
  .regex(idPattern, 'must be a word of small letters, digits and _, beginning with a letter')
  .meta({ title: 'id' });

export const duration = z
  .string()
  .refine((text) => durationMs(text) !== null, 'must be a duration such as 90s, 10m, 2h, 7d or ISO 8601')
  .meta({ title: 'duration', examples: ['90s', '10m', '2h', '7d'] });

/** A duration, or `${{ }}` that will give one. */
export const durationOrTemplate = z
  .string()
  .refine((text) => text.includes('${{') || durationMs(text) !== null, 'must be a duration such as 90s or 10m, or ${{ }} that gives one')
  .meta({ title: 'duration', examples: ['90s', '10m'] });

/** Milliseconds of a text that the shape has already checked. */
export function ms(text: string): number {
  return durationMs(text)!;
}

/** Bare CEL. YAML reads `true` as a boolean and `1` as a number; both are CEL too. */
export const cel = z
  .union([z.string().min(1, 'must not be empty'), z.boolean(), z.number()])
  .transform(String)
  .meta({ title: 'CEL' });

export const text = z.string().min(1, 'must not be empty').meta({ title: 'text' });

/** One name or several. */
export const names = z
  .union([text, z.array(text).min(1, 'must name at least one')])
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .meta({ title: 'name(s)' });

/** `3`, or `"25%"`. */
export const share = z
  .union([z.int().min(0), z.string().regex(/^(100|[1-9]?\d)%$/, 'must be a count such as 3 or a share such as "25%"')])
  .transform((value) => (typeof value === 'number' ? { count: value } : { percent: Number(value.slice(0, -1)) }))
  .meta({ title: 'n or "n%"' });

export const values = z.record(z.string(), z.json()).meta({ title: 'map' });
