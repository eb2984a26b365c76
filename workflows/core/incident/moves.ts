import type { Severity } from '../../domain/words.ts';
import type { IncidentMove } from '../people.ts';
import { change, note, page, type Desk } from './desk.ts';
import { resolve } from './ends.ts';
import { callOff } from './paged.ts';
import { keepClock } from './tiers.ts';

/** Update ids are remembered this far back, also over continue-as-new. */
const moves_max = 500;

export function move(desk: Desk, made: IncidentMove): void {
  if (desk.state.moves.includes(made.id)) return;
  change(desk, { moves: [...desk.state.moves, made.id].slice(-moves_max) });
  switch (made.kind) {
    case 'acknowledge':
      return acknowledge(desk, made.by, made.reason);
    case 'resolve':
      return resolve(desk, { by: made.by, reason: made.reason });
    case 'hand_over':
      return handOver(desk, made.by, made.to, made.reason);
    case 'severity':
      return judge(desk, made.by, made.severity, made.reason);
    case 'note':
      return note(desk, 'incident.note', { text: made.text }, made.by);
  }
}

function acknowledge(desk: Desk, by: string, reason: string): void {
  const { state } = desk;
  change(desk, {
    acknowledged: { by, at: desk.at },
    phase: state.phase === 'open' ? 'acknowledged' : state.phase,
    commander: state.commander ?? by,
  });
  note(desk, 'incident.acknowledged', { after_ms: desk.at - state.input.opened_at, reason }, by);
  keepClock(desk);
  callOff(desk);
  for (const [run, status] of Object.entries(state.runs)) {
    if (status === 'running') desk.actions.push({ type: 'acked', run, by });
  }
}

function handOver(desk: Desk, by: string, to: string, reason: string): void {
  const from = desk.state.commander;
  change(desk, { commander: to });
  note(desk, 'incident.handed_over', { from, to, reason }, by);
  page(desk, {
    name: `handed-over-${desk.state.moves.length}`,
    to: from ? [from, to] : [to],
    template: 'handed_over',
    escalates: false,
    values: { from, to, by, reason },
  });
}

/** The command group's word stands above the alarms'; the clock keeps the incident's beginning. */
function judge(desk: Desk, by: string, severity: Severity, reason: string): void {
  const from = desk.state.severity;
  change(desk, { severity, judged: true });
  note(desk, 'incident.severity', { from, to: severity, reason }, by);
  if (desk.state.commander) {
    page(desk, {
      name: `severity-${desk.state.moves.length}`,
      to: [desk.state.commander],
      template: 'severity_changed',
      escalates: false,
      values: { from, to: severity, by, reason },
    });
  }
  keepClock(desk);
}
