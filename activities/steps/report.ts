import { z } from 'zod';
import { done } from '../hand/outcome.ts';
import { drawReport } from '../report/write.ts';
import type { StepKind } from './kind.ts';
import { text } from './written.ts';

const name = text.min(1);

const shape = z.strictObject({
  template: z.enum(['incident_summary']).default('incident_summary').describe('What the report holds'),
  archive: z.boolean().default(true).describe('Kept in the records and as files in any case; stated for readers of the runbook'),
  to: z
    .union([name, z.array(name)])
    .default([])
    .describe('Who gets it by mail; nobody unless named'),
});

/** Writes the report of the incident as it stands. Result: `{written, path, delivered, failed}`. */
export const report: StepKind = {
  id: 'report',
  words: {
    en: { title: 'Report', help: 'Draws the report of the incident from the records, keeps it, and mails it to those named' },
    zh: { title: '报告', help: '由记录生成事件报告，存档，并邮件发送给指定人员' },
  },
  shape,
  place: null,
  risk: () => 'read',
  idempotent: true,
  chunk: 1,
  async run({ deps, perform, unit, args, signal, beat }) {
    const began = Date.now();
    const asked = shape.parse(args);
    // A run by itself has no incident to report on; its own page and timeline say everything.
    if (perform.incident === null) return done({ written: false, path: null, delivered: [], failed: [] }, { unit, began });
    const to = typeof asked.to === 'string' ? [asked.to] : asked.to;
    const { path, mailed } = await drawReport(deps, {
      request: { id: unit.key, incident: perform.incident, to, final: false },
      signal,
      beat: () => beat({}),
    });
    return done({ written: true, path, delivered: [...mailed.delivered], failed: [...mailed.failed] }, { unit, began });
  },
};
