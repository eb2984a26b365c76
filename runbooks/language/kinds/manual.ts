import { z } from 'zod';
import { durationOrTemplate, names, text } from '../shapes/words.ts';
import type { Kind } from './kind.ts';

export const manual = {
  id: 'manual',
  words: {
    en: { title: 'By hand', help: 'A person does it and confirms that it is done.' },
    zh: { title: '人工操作', help: '由人完成操作并确认完成。' },
  },
  shape: z.strictObject({
    ask: text.describe('What is to be done'),
    by: text.optional().describe('Role that may confirm; anybody when absent'),
    notify: names.optional().describe('Who is told'),
    timeout: durationOrTemplate.optional().describe('Time to confirm; none. Afterwards the step has failed'),
  }),
  place: null,
  risk: () => 'change',
  idempotent: false,
  where: 'machine',
  timeout_ms: null,
} satisfies Kind;
