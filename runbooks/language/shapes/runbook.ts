import { z } from 'zod';
import { severities } from '../../../workflows/domain/words.ts';
import { check, reaction } from './call.ts';
import { drill, type DrillSource } from './drill.ts';
import { escalation, type EscalationSource } from './escalation.ts';
import { input, type InputSource } from './input.ts';
import { step } from './step.ts';
import { target, type TargetSource } from './target.ts';
import { trigger, type TriggerSource } from './trigger.ts';
import { duration, id, names, text } from './words.ts';

export const secret = z
  .strictObject({
    from: z.enum(['env', 'file']).describe('Where the worker finds it'),
    key: text.describe('Name of the environment variable, or absolute path of the file'),
  })
  .refine(({ from, key }) => from === 'env' || key.startsWith('/'), { path: ['key'], message: 'must be an absolute path' });

const checks = z.strictObject({
  before: z.array(check).default([]).describe('Settled once the steps they read are done, ahead of any change'),
  after: z.array(check).default([]).describe('After the last step'),
});

const objectives = z.strictObject({
  rto: duration.optional().describe('Time within which the service must be back'),
  rpo: duration.optional().describe('Age of data that may be lost'),
});

export const runbook = z
  .strictObject({
    runbook: id.describe('Name, unique in the library'),
    version: z.int().min(1).describe('A run stays on the version it began with'),
    title: text.describe('For people'),
    owner: text.describe('Role that answers for it'),
    severity: z.enum(severities).default('general').describe('Line of escalation; an alarm may change it'),
    objectives: objectives.optional().describe('For the linter, the score and expressions'),
    triggers: z
      .array(trigger)
      .min(1)
      .default([{ manual: { roles: [] } }])
      .describe('What starts it'),
    inputs: z.record(id, input).default({}).describe('What it must be told'),
    secrets: z.record(id, secret).default({}).describe('References; values reach hands by name only'),
    targets: z.record(id, target).default({}).describe('Hosts it acts on'),
    lock: names.optional().describe('Held for the whole run, across all runbooks'),
    escalation: escalation.optional().describe("Who is paged when; absent: the site's policy"),
    checks: checks.default({ before: [], after: [] }).describe('What must hold before and after'),
    steps: z.array(step).min(1, 'must have at least one step').max(500, 'may have 500 steps').describe('What is done'),
    on_failure: z.array(reaction).default([]).describe('After a failure, in order'),
    finally: z.array(reaction).default([]).describe('Always, last'),
    drill: drill.optional().describe('How it is practised'),
  })
  .meta({ title: 'Runbook' });

/** A call as written: exactly one key is a kind. */
export type CallSource = { readonly [key: string]: unknown };
export interface RunbookSource {
  readonly runbook: string;
  readonly version: number;
  readonly title: string;
  readonly owner: string;
  readonly severity: (typeof severities)[number];
  readonly objectives?: z.infer<typeof objectives>;
  readonly triggers: readonly TriggerSource[];
  readonly inputs: { readonly [name: string]: InputSource };
  readonly secrets: { readonly [name: string]: z.infer<typeof secret> };
  readonly targets: { readonly [name: string]: TargetSource };
  readonly lock?: readonly string[];
  readonly escalation?: EscalationSource;
  readonly checks: { readonly before: readonly CallSource[]; readonly after: readonly CallSource[] };
  readonly steps: readonly CallSource[];
  readonly on_failure: readonly CallSource[];
  readonly finally: readonly CallSource[];
  readonly drill?: DrillSource;
}
