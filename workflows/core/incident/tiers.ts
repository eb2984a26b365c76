import type { Json, Moment, Severity } from '../../domain/words.ts';
import type { IncidentState } from '../people.ts';
import type { Next } from '../run.ts';
import type { Tier } from '../plan.ts';
import { change, clearTimer, forgetTimer, note, page, setTimer, type Desk } from './desk.ts';

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

export function fireTier(desk: Desk, due: DueTier): void {
  change(desk, { fired: [...desk.state.fired, due.key] });
  const number = desk.state.fired.length;
  note(desk, 'incident.tier', { number, to: [...due.tier.to], due: due.at, late_ms: Math.max(0, desk.at - due.at) });
  const next = upcomingTier(desk.state);
  page(desk, {
    name: `tier-${number}`,
    to: due.tier.to,
    template: 'incident_tier',
    escalates: true,
    values: { number, after_ms: due.tier.after_ms, report: due.tier.then === 'report', next: next as unknown as Json },
  });
  if (due.tier.then !== 'report') return;
  note(desk, 'incident.report_due', { to: [...due.tier.to] });
  desk.actions.push({ type: 'report', id: `${desk.state.input.incident}/report-${number}`, to: due.tier.to, final: false });
}

/** Tiers whose time has come are fired in order; each is looked at again after the one before it. Then the next one is awaited. */
export function keepClock(desk: Desk): void {
  for (;;) {
    const due = clockRuns(desk.state) ? pendingTiers(desk.state)[0] : undefined;
    if (!due) {
      clearTimer(desk, 'tier');
      return;
    }
    if (due.at > desk.at) {
      setTimer(desk, 'tier', due.at);
      return;
    }
    fireTier(desk, due);
  }
}

/** Also when it came early: what is not due yet is simply awaited again. */
export function tierTimer(desk: Desk): void {
  forgetTimer(desk, 'tier');
  keepClock(desk);
}
