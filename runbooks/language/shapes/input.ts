import { z } from 'zod';
import type { InputSpec } from '../../../workflows/core/plan.ts';
import { text } from './words.ts';

export const inputTypes = ['string', 'int', 'number', 'boolean', 'duration'] as const;

export const input = z.strictObject({
  type: z.enum(inputTypes).describe('`duration` is written `10m` and is a CEL duration in expressions'),
  required: z.boolean().default(false).describe('Must be given'),
  default: z.union([z.string(), z.number(), z.boolean()]).optional().describe('Value when none is given'),
  enum: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional()
    .describe('The only values allowed'),
  pattern: text.optional().describe('RE2 that a string must match'),
  min: z.number().optional().describe('Least number, or least length of a string'),
  max: z.number().optional().describe('Greatest number, or greatest length of a string'),
  title: text.optional().describe('For people'),
});
export type InputSource = z.infer<typeof input>;

export function expandInput(source: InputSource): InputSpec {
  const { type, required, enum: allowed, pattern, min, max, title } = source;
  return {
    type,
    required,
    default: source.default ?? null,
    enum: allowed ?? null,
    pattern: pattern ?? null,
    min: min ?? null,
    max: max ?? null,
    title: title ?? null,
  };
}
