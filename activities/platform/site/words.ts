import { z } from 'zod';
import { durationMs } from '../../../workflows/domain/duration.ts';

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a name of letters, digits, dot, dash and underscore')
  .meta({ title: 'name' });
export const text = z.string().min(1, 'must not be empty').meta({ title: 'text' });
export const port = z.int().min(1, 'must be a port from 1 to 65535').max(65_535, 'must be a port from 1 to 65535').meta({ title: 'port' });
export const duration = z
  .string()
  .refine((value) => durationMs(value) !== null, 'must be a duration such as 90s, 10m, 2h, 7d')
  .transform((value) => durationMs(value)!)
  .meta({ title: 'duration' });
export const names = z
  .union([text, z.array(text).min(1, 'must name at least one')])
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .meta({ title: 'name(s)' });
export const secretRef = z.strictObject({
  from: z.enum(['env', 'file']).describe('Where the value is kept'),
  key: text.describe('Name of the environment variable, or path of the file'),
});
