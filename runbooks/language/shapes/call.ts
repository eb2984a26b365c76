import { z } from 'zod';
import { kinds } from '../kinds/index.ts';
import { retry } from './retry.ts';
import { cel, duration, text } from './words.ts';

/** One optional key per kind; that exactly one of them is used is checked where the call is read. */
export const kindKeys: Readonly<Record<string, z.ZodOptional<z.ZodType>>> = Object.fromEntries(
  // The id makes the schema define each kind once instead of wherever it may stand.
  [...kinds.values()].map((kind) => [kind.id, kind.shape.meta({ id: kind.id }).optional().describe(kind.words.en.help)]),
);

export const question = z.strictObject({
  expect: cel.optional().describe("True of the answer; without it the call's own success"),
  ...kindKeys,
});

export const undo = z.union([
  z.literal('none'),
  z.strictObject({
    expect: cel.optional().describe('True when the undo worked'),
    retry: retry.optional().describe('As for a step'),
    timeout: duration.optional().describe('Per attempt; 60s'),
    ...kindKeys,
  }),
]);

export const check = z.strictObject({
  expect: cel.optional().describe('What must be true'),
  message: text.optional().describe('Said when it is not'),
  then: z.enum(['stop', 'note']).default('stop').describe('`note` lets the run go on; it reads `checks.before.failed`'),
  ...kindKeys,
});

export const reaction = z.strictObject({
  undo: z.literal('all').optional().describe('Undo in reverse order, up to the pivot'),
  escalate: z
    .strictObject({ to: z.union([text, z.array(text).min(1)]) })
    .optional()
    .describe('Page a person, role or level'),
  id: z.string().optional().describe('Name of the act in the timeline'),
  expect: cel.optional().describe('True when it worked'),
  retry: retry.optional().describe('As for a step'),
  timeout: duration.optional().describe('Per attempt; 60s'),
  ...kindKeys,
});
