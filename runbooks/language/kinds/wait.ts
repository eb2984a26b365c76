import { z } from 'zod';
import { durationOrTemplate, text } from '../shapes/words.ts';
import type { Kind } from './kind.ts';

export const wait = {
  id: 'wait',
  words: {
    en: { title: 'Wait', help: 'Waits for a time or a condition, across restarts of everything. Exactly one of `for` and `until`.' },
    zh: { title: '等待', help: '等待一段时间或某个条件，任何重启都不影响；for 与 until 只能写一个。' },
  },
  shape: z
    .strictObject({
      for: durationOrTemplate.optional().describe('How long: `10m`'),
      until: text.optional().describe('A moment (`2026-11-24T06:00:00Z`), or CEL that gives one or becomes true'),
    })
    .refine((args) => (args.for === undefined) !== (args.until === undefined), 'must have exactly one of "for" and "until"'),
  place: null,
  risk: () => 'read',
  idempotent: true,
  where: 'machine',
  timeout_ms: null,
} satisfies Kind;
