/**
 * The people's clock: who is told when, until somebody answers. Pure: no clock, no I/O, no Temporal.
 * The same events give the same actions in every shell.
 */
import type { Moment } from '../domain/words.ts';
import { alarmJoins } from './incident/alarms.ts';
import { note, page, type Desk } from './incident/desk.ts';
import { runEnds } from './incident/ends.ts';
import { move } from './incident/moves.ts';
import { againTimer, isAgainTimer, paged } from './incident/paged.ts';
import { keepClock, tierTimer, upcomingTier } from './incident/tiers.ts';
import type { IncidentAction, IncidentEvent, IncidentInput, IncidentState } from './people.ts';
import type { Json } from '../domain/words.ts';
import type { Next } from './run.ts';

export { defaultTiers } from './incident/tiers.ts';
export { legalIncident } from './incident/legal.ts';

export interface IncidentTurn {
  readonly state: IncidentState;
  readonly actions: readonly IncidentAction[];
}

/**
 * Opens the incident. `at` may be long after `opened_at` (the engine was down): tiers whose time has passed are paged at once,
 * in order.
 */
export function beginIncident(input: IncidentInput, at: Moment): IncidentTurn {
  const state: IncidentState = {
    input: { ...input, alarms: [] },
    phase: 'open',
    severity: input.severity,
    judged: false,
    commander: input.commander,
    acknowledged: null,
    recovered_at: null,
    resolved: null,
    alarms: [],
    fired: [],
    told: [],
    pages: [],
    runs: input.run === null ? {} : { [input.run]: 'running' },
    timers: {},
    moves: [],
    recoveries: 0,
  };
  const desk: Desk = { state, actions: [], at };
  note(desk, 'incident.opened', { title: input.title, severity: input.severity, service: input.service, run: input.run, late_ms: Math.max(0, at - input.opened_at) });
  const next = upcomingTier(desk.state);
  page(desk, { name: 'first', to: input.first, template: 'incident_opened', escalates: true, values: { alarms: input.alarms.map((alarm) => alarm.name).slice(0, 10), alarm_count: input.alarms.length, summary: input.alarms[0]?.summary ?? null, next: next as unknown as Json } });
  for (const alarm of input.alarms) alarmJoins(desk, alarm);
  keepClock(desk);
  return { state: desk.state, actions: desk.actions };
}

/** One event, one turn. After the end nothing happens any more. */
export function nextIncident(state: IncidentState, event: IncidentEvent): IncidentTurn {
  const desk: Desk = { state, actions: [], at: event.at };
  if (!state.resolved) handle(desk, event);
  return { state: desk.state, actions: desk.actions };
}

function handle(desk: Desk, event: IncidentEvent): void {
  switch (event.type) {
    case 'start':
      return keepClock(desk);
    case 'timer':
      if (event.id === 'tier') return tierTimer(desk);
      return isAgainTimer(event.id) ? againTimer(desk, event.id) : undefined;
    case 'move':
      return move(desk, event.move);
    case 'alarm':
      return alarmJoins(desk, event.alarm);
    case 'run':
      return runEnds(desk, event.run, event.status);
    case 'paged':
      return paged(desk, event);
  }
}

/** What people read as "Next: … in mm:ss unless …". `at` is `null` where only a person or the run can move it. */
export function upcomingIncident(state: IncidentState): Next {
  if (state.resolved) return { what: 'end', step: null, at: null, values: { by: state.resolved.by } };
  const running = Object.entries(state.runs).find(([, status]) => status === 'running')?.[0] ?? null;
  if (state.phase === 'recovered') return { what: running ? 'run' : 'resolve', step: null, at: null, values: { run: running, commander: state.commander } };
  if (state.acknowledged) return { what: 'resolve', step: null, at: null, values: { run: running, commander: state.commander } };
  const tier = upcomingTier(state);
  if (tier) return tier;
  const again = Object.entries(state.timers).filter(([id]) => isAgainTimer(id)).map(([, at]) => at);
  return { what: 'acknowledge', step: null, at: again.length > 0 ? Math.min(...again) : null, values: {} };
}
