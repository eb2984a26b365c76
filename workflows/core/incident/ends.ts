import type { EndStatus } from '../../domain/words.ts';
import type { IncidentState } from '../people.ts';
import { change, note, page, type Desk } from './desk.ts';
import { callOffAll } from './paged.ts';

/** Resolved by nobody by name: every alarm is gone and the run says that it did its work. */
export const machine = 'tocsin';

/** Never on the alarms' word alone, and never while a run is under way or went wrong: then a person closes it. */
function endsByItself(state: IncidentState): boolean {
  const runs = Object.values(state.runs);
  return state.phase === 'recovered' && runs.length > 0 && runs.every((status) => status === 'ok');
}

/** After anything that may complete the recovery: close it, or say once that the fault is gone. */
export function settle(desk: Desk, options: { readonly tell: boolean }): void {
  if (endsByItself(desk.state)) resolve(desk, { by: machine, reason: 'recovered' });
  else if (options.tell) {
    page(desk, { name: `recovered-${desk.state.recoveries}`, to: toldOr(desk.state), template: 'incident_recovered', escalates: false });
  }
}

/** Everybody who was called, so that nobody drives to the office for a fault that is gone. */
function toldOr(state: IncidentState): readonly string[] {
  return state.commander ? [...state.told, state.commander] : state.told;
}

export function resolve(desk: Desk, how: { readonly by: string; readonly reason: string }): void {
  change(desk, { phase: 'resolved', resolved: { by: how.by, at: desk.at } });
  callOffAll(desk);
  note(desk, 'incident.resolved', { reason: how.reason, after_ms: desk.at - desk.state.input.opened_at }, how.by);
  page(desk, {
    name: 'resolved',
    to: toldOr(desk.state),
    template: 'incident_resolved',
    escalates: false,
    values: { by: how.by, reason: how.reason },
  });
  // Whoever led it reads the report; where nobody did, whoever was told first.
  const { commander, input } = desk.state;
  desk.actions.push({ type: 'report', id: `${input.incident}/report`, to: commander === null ? input.first : [commander], final: true });
  desk.actions.push({ type: 'end' });
}

export function runEnds(desk: Desk, run: string, status: EndStatus): void {
  if (desk.state.runs[run] === status) return;
  change(desk, { runs: { ...desk.state.runs, [run]: status } });
  note(desk, 'incident.run', { run, status });
  if (status === 'failed') {
    const { commander } = desk.state;
    // Whoever leads must know at once; without a commander it is level 1's.
    page(desk, { name: `run-failed-${run}`, to: [commander ?? 'level_1'], template: 'run_failed', escalates: true, values: { run } });
  }
  settle(desk, { tell: false });
}
