import { z } from 'zod';
import { done } from '../hand/outcome.ts';
import { withSecrets } from '../platform/secrets.ts';
import type { StepKind } from './kind.ts';
import { text } from './written.ts';

const shape = z.strictObject({
  kind: text.min(1).describe('What was found or measured, as one word: restore_drill'),
  with: z.record(z.string(), z.json()).default({}).describe('The figures'),
});

/** Writes a finding into the records, once per key. Result: `{kind, new}`. */
export const record: StepKind = {
  id: 'record',
  words: {
    en: { title: 'Record', help: 'Writes figures or a finding into the records, for reports and audits' },
    zh: { title: '记录', help: '把数据或结论写入记录库，供报告和审计使用' },
  },
  shape,
  place: null,
  risk: () => 'read',
  idempotent: true,
  chunk: 100,
  async run({ deps, perform, unit, args }) {
    const began = Date.now();
    const { kind, with: values } = shape.parse(withSecrets(args, perform.secrets));
    // Records that are down are waited for by the engine's retry: what was found must not be lost.
    const fresh = await deps.records.evidence.add({
      key: unit.key,
      kind,
      run: perform.run,
      incident: perform.incident,
      values: values as Record<string, never>,
    });
    return done({ kind, new: fresh }, { unit, began });
  },
};
