import { z } from 'zod';
import { durationOrTemplate, names, text } from '../shapes/words.ts';
import type { Kind } from './kind.ts';

const by = z.strictObject({
  role: text.optional().describe('Role that may vote; anybody when absent'),
  quorum: z.int().min(1).max(20).default(1).describe('Votes needed'),
  not_requester: z.boolean().default(true).describe('Whoever started the run may not vote'),
  delegates: z.array(text).default([]).describe('Persons or roles that may vote as well'),
});

export const approve = {
  id: 'approve',
  words: {
    en: { title: 'Approve', help: 'Waits until enough people agree. Votes after the end are refused, each vote is audited.' },
    zh: { title: '审批', help: '等待足够的人同意；结束后的投票被拒绝，每一票都记入审计。' },
  },
  shape: z.strictObject({
    ask: text.describe('The question, with what will happen and the way back'),
    by: by.default({ quorum: 1, not_requester: true, delegates: [] }).describe('Who may vote'),
    notify: names.optional().describe('Who is told that a vote is wanted'),
    timeout: durationOrTemplate.optional().describe('Time to decide; none'),
    on_timeout: z.enum(['escalate', 'approve', 'reject']).default('escalate').describe('What happens when nobody decided'),
  }),
  place: null,
  risk: () => 'read',
  idempotent: true,
  where: 'machine',
  timeout_ms: null,
} satisfies Kind;
