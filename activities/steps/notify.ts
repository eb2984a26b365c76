import { z } from 'zod';
import type { JsonMap } from '../../workflows/domain/words.ts';
import { severities } from '../../workflows/domain/words.ts';
import { done, failed } from '../hand/outcome.ts';
import { deliverPage } from '../notify/deliver.ts';
import type { StepKind } from './kind.ts';
import { text, written } from './written.ts';

const name = text.min(1);

const shape = z.strictObject({
  to: z.union([name, z.array(name).min(1)]).describe('A person, a role, or a list of them; all_hands = everybody'),
  template: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .default('notice')
    .describe('Name of the wording; an unknown one shows what stands under "with"'),
  with: z.record(z.string(), z.json()).default({}).describe('Values for the wording'),
  severity: written(z.enum(severities)).default('general').describe('Colour and word in front of the subject'),
  subject: text.optional().describe("Own subject in place of the wording's"),
  text: text.optional().describe("Own text in place of the wording's"),
});

/** Tells people. Result: `{delivered, failed}`, names. Succeeds when at least one person was reached; the rest is listed. */
export const notify: StepKind = {
  id: 'notify',
  words: {
    en: { title: 'Notify', help: 'Sends a message to persons or roles over their channels and proves the hand-over' },
    zh: { title: '通知', help: '通过各人的渠道向人员或角色发送消息，并证明已送交' },
  },
  shape,
  place: null,
  risk: () => 'read',
  idempotent: true,
  chunk: 20,
  async run({ deps, perform, unit, args, signal, beat }) {
    const began = Date.now();
    const asked = shape.parse(args);
    const to = typeof asked.to === 'string' ? [asked.to] : asked.to;
    const values: JsonMap = {
      title: perform.title,
      run: perform.run,
      ...(asked.with as JsonMap),
      ...(asked.subject === undefined ? {} : { subject: asked.subject }),
      ...(asked.text === undefined ? {} : { text: asked.text }),
    };
    const page = {
      id: unit.key,
      incident: perform.incident ?? '',
      to,
      template: asked.template,
      severity: asked.severity as (typeof severities)[number],
      values,
    };
    const {
      delivered,
      failed: missed,
      unknown,
    } = await deliverPage(deps, { page, run: perform.run, drill: perform.mode !== 'live', signal, beat: () => beat({}) });
    const result = { delivered: [...delivered], failed: [...missed] };
    if (delivered.length > 0) return done(result, { unit, began });
    return failed(
      {
        kind: 'unreachable',
        message: `notifying ${to.join(', ')}: delivered to nobody (${missed.join(', ') || 'nobody is in the roster'})`,
        hint: `the reason of each stands in the deliveries of ${perform.incident ?? perform.run}; check "mail:" in site.yaml and people.yaml`,
      },
      { unit, began, ran: unknown ? 'unknown' : 'no', result },
    );
  },
};
