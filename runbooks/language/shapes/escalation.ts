import { z } from 'zod';
import type { Severity } from '../../../workflows/domain/words.ts';
import type { Tier } from '../../../workflows/core/plan.ts';
import { duration, ms, names } from './words.ts';

export const tier = z.strictObject({
  after: duration.describe('From the start of the incident'),
  to: names.describe('Person, role, or a list of them'),
  then: z.literal('report').optional().describe('Ask for a report as well'),
});
export type TierSource = z.infer<typeof tier>;

export const escalation = z.strictObject({
  fatal: z.array(tier).optional().describe('By custom level 1 after 10m'),
  severe: z.array(tier).optional().describe('By custom level 2 after 15m'),
  general: z.array(tier).optional().describe('By custom on duty after 30m, then a report'),
});
export type EscalationSource = z.infer<typeof escalation>;

/** A severity without a line has none of its own: the site's policy applies. */
export function expandEscalation(source: EscalationSource | undefined): Record<Severity, readonly Tier[]> {
  const line = (severity: Severity) => (source?.[severity] ?? []).map(expandTier);
  return { fatal: line('fatal'), severe: line('severe'), general: line('general') };
}

function expandTier({ after, to, then }: TierSource): Tier {
  return { after_ms: ms(after), to, then: then ?? null };
}
