import type { Plan, Tier } from '../workflows/core/plan.ts';
import { severities, type Severity } from '../workflows/domain/words.ts';

type Tiers = Readonly<Record<Severity, readonly Tier[]>>;

const minute_ms = 60_000;

/** Row 1 of what was asked: fatal 10 minutes to level 1 and all hands, severe 15 to level 2 and the technical lead, general 30 on duty, then a report. */
export const defaultTiers: Tiers = {
  fatal: [{ after_ms: 10 * minute_ms, to: ['level_1', 'all_hands'], then: null }],
  severe: [{ after_ms: 15 * minute_ms, to: ['level_2', 'technical_lead'], then: null }],
  general: [{ after_ms: 30 * minute_ms, to: ['on_duty'], then: 'report' }],
};

/** Told when an incident opens, before any deadline. */
export const firstTold: readonly string[] = ['on_duty'];

/** The plan's own tiers; a severity it says nothing about has the default ones. */
export function tiersOf(plan: Plan | null): Tiers {
  if (plan === null) return defaultTiers;
  return Object.fromEntries(severities.map((severity) => {
    const own = plan.escalation[severity];
    return [severity, own !== undefined && own.length > 0 ? own : defaultTiers[severity]];
  })) as unknown as Tiers;
}

/** The graver of two. */
export function graver(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) <= severities.indexOf(other) ? one : other;
}
