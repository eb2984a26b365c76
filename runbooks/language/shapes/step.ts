import { z } from 'zod';
import { risks } from '../../../workflows/domain/words.ts';
import { kindKeys, question, undo } from './call.ts';
import { stepDrill } from './drill.ts';
import { retry } from './retry.ts';
import { cel, duration, id, share, text, values } from './words.ts';

export const onFailure = z.strictObject({
  when: cel.optional().describe('Only for such errors; reads `error`'),
  do: z.enum(['fail', 'continue']).default('fail').describe('`continue`: the step ends `continued` and the run goes on'),
  note: text.optional().describe('Written to the timeline'),
  open: z.literal('follow_up').optional().describe('Leaves an action item'),
});

const keys = {
  id: id.describe('Unique in the runbook'),
  title: text.optional().describe('For people; the id'),
  needs: z.array(id).optional().describe('Steps to wait for; absent: every step above; `[]`: at once'),
  when: cel.optional().describe('False: the step is `skipped`'),
  each: z
    .union([text, z.array(z.json())])
    .optional()
    .describe('A target (once per host, root `node`) or a list (once per element, root `item`)'),
  batch: share.optional().describe('Hosts or elements per wave; all at once'),
  max_failures: share.optional().describe('Failures tolerated; 0'),
  risk: z.enum(risks).optional().describe('Default by kind'),
  idempotent: z.boolean().optional().describe('May be repeated after an unknown outcome; default by kind, risk and `done_when`'),
  lock: text.optional().describe('Held during this step'),
  timeout: duration.optional().describe('Per attempt; 60s, none for `approve manual wait runbook`'),
  heartbeat: duration.default('30s').describe('Silent longer than this: the worker is lost'),
  retry: retry.optional().describe('More attempts'),
  done_when: question.optional().describe('Read-only question, asked before any retry: true = done'),
  expect: cel.optional().describe('Success test; reads `result`, `row`, `out`'),
  out: values.optional().describe('Kept as `steps.ID.out`'),
  undo: undo.optional().describe('Way back, registered before the step starts; `none` if there is none'),
  pivot: z.boolean().default(false).describe('Point of no return: afterwards only forward'),
  on_failure: onFailure.optional().describe('What a failure means'),
  drill: stepDrill.optional().describe('Answer in `simulate`, or `skip`'),
};

export const step = z.strictObject({ ...keys, ...kindKeys });

const own = z.strictObject(keys);
/** A step as written, checked; the kind's key stands beside these. */
export type StepSource = z.infer<typeof own>;
