import { z } from 'zod';
import type { Trigger } from '../../../workflows/core/plan.ts';
import { cel, duration, ms, text, values } from './words.ts';

const manual = z.strictObject({ roles: z.array(text).default([]).describe('Who may start it; empty: every operator') });

const schedule = z.strictObject({
  cron: z
    .string()
    .regex(/^(\S+ ){4}\S+$/, 'must be five cron fields such as "0 3 * * 0"')
    .describe('Minute, hour, day, month, weekday'),
  timezone: text.default('UTC').describe('Name of the IANA time zone'),
  jitter: duration.default('0s').describe('Start is delayed by up to this, at random'),
  overlap: z.enum(['skip', 'queue']).default('skip').describe('What happens while the run before is still under way'),
  catchup: duration.default('0s').describe('A start missed by less than this is made up for'),
});

const converge = z.strictObject({
  key: text.describe('Alarms with the same key belong together'),
  within: duration.describe('How long after the incident began a further alarm still belongs to it'),
  then: z
    .enum(['join', 'skip', 'wait', 'queue'])
    .default('join')
    .describe('`join` enters the live run; `wait` is held and matched again; `queue` gets a run afterwards'),
});

const guard = z.strictObject({
  max_runs: z.int().min(1).describe('More runs than this'),
  per: duration.describe('within this time'),
  then: z.enum(['approve', 'skip']).default('approve').describe('need a person, or are left out'),
});

const alarm = z.strictObject({
  match: cel.describe('True of the alarms that start this runbook; reads `alarm`'),
  with: values.default({}).describe('Binds inputs from the alarm'),
  for: duration.default('0s').describe('Only once it has been firing this long'),
  converge: converge.optional().describe('Which alarms belong to the same run'),
  guard: guard.optional().describe('How often it may run by itself'),
});

export const triggerShapes = { manual, schedule, alarm, converge, guard };

export const trigger = z
  .union([z.strictObject({ manual: manual.nullable() }), z.strictObject({ schedule }), z.strictObject({ alarm })])
  .meta({ title: 'trigger' });
export type TriggerSource = z.infer<typeof trigger>;

export function expandTrigger(source: TriggerSource): Trigger {
  if ('manual' in source) return { on: 'manual', roles: source.manual?.roles ?? [] };
  if ('schedule' in source) {
    const { cron, timezone, jitter, overlap, catchup } = source.schedule;
    return { on: 'schedule', cron, timezone, jitter_ms: ms(jitter), overlap, catchup_ms: ms(catchup) };
  }
  const { match, with: bound, for: firing, converge: key, guard: limit } = source.alarm;
  return {
    on: 'alarm',
    match,
    with: bound,
    for_ms: ms(firing),
    converge: key === undefined ? null : { key: key.key, within_ms: ms(key.within), then: key.then },
    guard: limit === undefined ? null : { max_runs: limit.max_runs, per_ms: ms(limit.per), then: limit.then },
  };
}
