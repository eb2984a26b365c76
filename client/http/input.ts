import { z } from 'zod';
import { TocsinError } from '../../activities/platform/errors.ts';
import { nearest } from '../../workflows/domain/nearest.ts';

/** Checked input, or a sentence about the first thing that is wrong. @throws TocsinError `E-INPUT` */
export function check<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  const checked = shape.safeParse(value ?? {});
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const path = issue?.path.join('.') || 'body';
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = shape instanceof z.ZodObject ? Object.keys(shape.shape) : [];
    const meant = nearest(key, known);
    throw new TocsinError(`${what}: unknown key "${key}"`, {
      code: 'E-INPUT',
      hint: meant === null ? `Known keys: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
    });
  }
  throw new TocsinError(`${what}: ${path}: ${issue?.message ?? 'wrong value'}`, {
    code: 'E-INPUT',
    hint: 'The shapes of all requests stand in /api/openapi.json.',
  });
}

export const limitQuery = z.coerce.number().int().min(1).max(500).optional();
export const beforeQuery = z.coerce.number().int().min(0).optional();
export const word = z.string().min(1).max(200);
export const sentence = z.string().max(4_000);
/** Ids of runs and incidents: `inc-7`, `run-12`, `inc-7.1.restart#1`. */
export const idParam = z.object({ id: z.string().min(1).max(500) });
