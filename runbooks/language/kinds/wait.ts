import { z } from 'zod';
import { durationMs } from '../../../workflows/domain/duration.ts';
import type { Kind } from './kind.ts';

const templated = /\$\{\{/;

export const wait = {
  id: 'wait',
  words: {
    en: { title: 'Wait', help: 'Waits for a time, across restarts of everything. Exactly one of `for` and `until`.' },
    zh: { title: '等待', help: '等待一段时间，任何重启都不影响；for 与 until 只能写一个。' },
  },
  shape: z
    .strictObject({
      for: z
        .string()
        .refine((text) => templated.test(text) || durationMs(text) !== null, 'must be a duration such as 90s or 10m, or ${{ }} that gives one')
        .optional()
        .describe('How long: `10m`'),
      until: z
        .string()
        .refine((text) => templated.test(text) || !Number.isNaN(Date.parse(text)), 'must be a moment such as 2026-11-24T06:00:00Z, or ${{ }} that gives one')
        .optional()
        .describe('Until when: RFC 3339'),
    })
    .refine((args) => (args.for === undefined) !== (args.until === undefined), 'must have exactly one of "for" and "until"'),
  place: null,
  risk: () => 'read',
  idempotent: true,
  where: 'machine',
  timeout_ms: null,
} satisfies Kind;
