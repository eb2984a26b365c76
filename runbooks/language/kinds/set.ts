import { z } from 'zod';
import { idPattern } from '../shapes/words.ts';
import type { Kind } from './kind.ts';

export const set = {
  id: 'set',
  words: {
    en: { title: 'Set values', help: "Computes values and keeps them: they are the step's `out`." },
    zh: { title: '设定值', help: '计算并保存值，作为该步骤的 out。' },
  },
  shape: z.record(z.string().regex(idPattern, 'must be a word of small letters, digits and _'), z.json()).describe('Names and values'),
  place: null,
  risk: () => 'read',
  idempotent: true,
  where: 'machine',
  timeout_ms: 60_000,
} satisfies Kind;
