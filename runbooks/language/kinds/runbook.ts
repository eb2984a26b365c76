import { z } from 'zod';
import { id, values } from '../shapes/words.ts';
import type { Kind } from './kind.ts';

export const runbook = {
  id: 'runbook',
  words: {
    en: { title: 'Another runbook', help: 'Runs another runbook of the library as a run of its own and waits for its end.' },
    zh: { title: '调用预案', help: '把另一个预案作为独立运行启动，并等待其结束。' },
  },
  shape: z.strictObject({
    name: id.describe('Name of the runbook'),
    version: z
      .union([
        z.int().min(1),
        z.string().regex(/^((>=|<=|>|<|=)?\d+)( (>=|<=|>|<|=)?\d+)*$/, 'must be a range such as 2, ">=2" or ">=2 <4"'),
      ])
      .transform(String)
      .optional()
      .describe('Versions allowed: `2`, `">=2"`, `">=2 <4"`'),
    with: values.default({}).describe('Its inputs'),
  }),
  place: null,
  risk: () => 'change',
  idempotent: false,
  where: 'machine',
  timeout_ms: null,
} satisfies Kind;
