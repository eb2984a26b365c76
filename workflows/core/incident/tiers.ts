import { change, clearTimer, forgetTimer, note, page, setTimer, type Desk } from './desk.ts';
import { clockRuns, pendingTiers, type DueTier } from './ladder.ts';

export function fireTier(desk: Desk, due: DueTier, how: { readonly pulled: boolean } = { pulled: false }): void {
  change(desk, { fired: [...desk.state.fired, due.key] });
  const number = desk.state.fired.length;
  note(desk, 'incident.tier', { number, to: [...due.tier.to], due: due.at, late_ms: Math.max(0, desk.at - due.at) });
  page(desk, {
    name: `tier-${number}`,
    to: due.tier.to,
    template: how.pulled ? 'incident_pulled' : 'incident_tier',
    escalates: true,
    values: { number, after_ms: desk.at - desk.state.input.opened_at, report: due.tier.then === 'report' },
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
