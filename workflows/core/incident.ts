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
import { keepClock, tierTimer } from './incident/tiers.ts';
import type { IncidentAction, IncidentEvent, IncidentInput, IncidentState } from './people.ts';

export { defaultTiers, upcomingIncident } from './incident/ladder.ts';
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
  note(desk, 'incident.opened', {
    title: input.title,
    severity: input.severity,
    service: input.service,
    run: input.run,
    late_ms: Math.max(0, at - input.opened_at),
  });
  page(desk, {
    name: 'first',
    to: input.first,
    template: 'incident_opened',
    escalates: true,
    values: {
      alarms: input.alarms.map((alarm) => alarm.name).slice(0, 10),
      alarm_count: input.alarms.length,
      summary: input.alarms[0]?.summary ?? null,
    },
  });
  for (const alarm of input.alarms) alarmJoins(desk, alarm);
  keepClock(desk);
  return { state: desk.state, actions: desk.actions };
}

/** One event, one turn. After the end nothing is done any more; only what became of the last pages is still noted. */
export function nextIncident(state: IncidentState, event: IncidentEvent): IncidentTurn {
  const desk: Desk = { state, actions: [], at: event.at };
  if (!state.resolved || event.type === 'paged') handle(desk, event);
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
