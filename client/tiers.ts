import { defaultTiers } from '../workflows/core/incident.ts';
import type { Plan, Tier } from '../workflows/core/plan.ts';
import type { Site } from '../workflows/domain/site.ts';
import { severities, type Severity } from '../workflows/domain/words.ts';

/** Told when an incident opens, before any deadline. */
export const firstTold: readonly string[] = ['on_duty'];

/** The plan's own tiers; a severity it says nothing about has the site's, then the default ones. */
export function tiersOf(plan: Plan | null, site: Pick<Site, 'escalation'>): Readonly<Record<Severity, readonly Tier[]>> {
  const tiers: Record<Severity, readonly Tier[]> = { ...defaultTiers, ...site.escalation };
  for (const severity of severities) {
    const own = plan?.escalation[severity];
    if (own !== undefined && own.length > 0) tiers[severity] = own;
  }
  return tiers;
}

/** The graver of two. */
export function graver(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) <= severities.indexOf(other) ? one : other;
}
