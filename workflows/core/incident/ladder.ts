import type { Moment, Severity } from '../../domain/words.ts';
import type { IncidentState } from '../people.ts';
import type { Next } from '../run.ts';
import type { Tier } from '../plan.ts';

const minute = 60_000;

/** Mission row 1: fatal 10 min to level 1 and all hands, severe 15 min to the technical lead, general 30 min on duty, who reports. */
export const defaultTiers: Readonly<Record<Severity, readonly Tier[]>> = {
  fatal: [{ after_ms: 10 * minute, to: ['level_1', 'all_hands'], then: null }],
  severe: [{ after_ms: 15 * minute, to: ['level_2'], then: null }],
  general: [{ after_ms: 30 * minute, to: ['on_duty'], then: 'report' }],
};

export interface DueTier {
  /** Who is told, plus a count where the same people are told again: keeps its meaning when the severity changes. */
  readonly key: string;
  readonly tier: Tier;
  readonly at: Moment;
}

/** Tiers of the present severity that were not paged yet, earliest first, each at its absolute time. */
export function pendingTiers(state: IncidentState): readonly DueTier[] {
  const seen = new Map<string, number>();
  return [...state.input.tiers[state.severity]]
    .sort((a, b) => a.after_ms - b.after_ms)
    .map((tier) => {
      const people = [[...tier.to].sort().join(','), tier.then ?? ''].join('/');
      const count = (seen.get(people) ?? 0) + 1;
      seen.set(people, count);
      return { key: `${people}#${count}`, tier, at: state.input.opened_at + tier.after_ms };
    })
    .filter((due) => !state.fired.includes(due.key));
}

/** Nobody answered and the fault is still there. */
export function clockRuns(state: IncidentState): boolean {
  return state.phase === 'open';
}

/** What comes by itself, as `Next` says it; read by mail and screens alike. */
export function upcomingTier(state: IncidentState): Next | null {
  const due = clockRuns(state) ? pendingTiers(state)[0] : undefined;
  if (!due) return null;
  return { what: 'tier', step: null, at: due.at, values: { to: [...due.tier.to], report: due.tier.then === 'report' } };
}

/** Timers of pages that are tried again begin with this. */
export const again = 'again:';

/** What people read as "Next: … in mm:ss unless …". `at` is `null` where only a person or the run can move it. */
export function upcomingIncident(state: IncidentState): Next {
  if (state.resolved) return { what: 'end', step: null, at: null, values: { by: state.resolved.by } };
  const running = Object.entries(state.runs).find(([, status]) => status === 'running')?.[0] ?? null;
  const tier = upcomingTier(state);
  if (tier) return tier;
  if (state.phase === 'recovered' && running)
    return { what: 'run', step: null, at: null, values: { run: running, commander: state.commander } };
  if (state.phase === 'recovered' || state.acknowledged)
    return { what: 'resolve', step: null, at: null, values: { run: running, commander: state.commander } };
  const tries = Object.entries(state.timers)
    .filter(([id]) => id.startsWith(again))
    .map(([, at]) => at);
  return { what: 'acknowledge', step: null, at: tries.length > 0 ? Math.min(...tries) : null, values: {} };
}
