import type { Moment } from '../../domain/words.ts';
import { beginIncident, defaultTiers, nextIncident, type IncidentTurn } from '../incident.ts';
import type { IncidentAction, IncidentEvent, IncidentInput, IncidentState } from '../people.ts';
import type { Plan } from '../plan.ts';
import type { Queue } from './queue.ts';
import type { SimulateOptions, TimedPage } from './script.ts';

const delivered_ms = 2_000;

export interface People {
  readonly tell: (event: IncidentEvent) => void;
  readonly state: () => IncidentState;
  readonly actions: IncidentAction[];
  readonly pages: TimedPage[];
}

interface PeopleOptions {
  readonly options: SimulateOptions;
  readonly start: Moment;
  readonly queue: Queue;
  readonly acked: (by: string) => void;
}

/** A tier that a runbook leaves out is the one of the house. */
export function tiersOf({ escalation }: Plan): IncidentInput['tiers'] {
  const line = (severity: keyof IncidentInput['tiers']) =>
    escalation[severity].length > 0 ? escalation[severity] : defaultTiers[severity];
  return { fatal: line('fatal'), severe: line('severe'), general: line('general') };
}

/** The incident beside a simulated run: the same machine as the real one, pages that arrive after two seconds. */
export function openPeople({ options, start, queue, acked }: PeopleOptions): People {
  const { input, severity = input.plan.severity, tiers = tiersOf(input.plan) } = options;
  const incident: IncidentInput = {
    incident: input.incident ?? 'inc-0',
    title: input.plan.title,
    severity,
    service: null,
    opened_at: start,
    tiers,
    first: [],
    commander: null,
    run: input.run,
    alarms: input.alarm === null ? [] : [input.alarm],
    engine_version: input.engine_version,
  };
  const actions: IncidentAction[] = [];
  const pages: TimedPage[] = [];
  const timers = new Map<string, Moment>();
  let now = start;
  let state: IncidentState;

  function take(turn: IncidentTurn): void {
    state = turn.state;
    for (const action of turn.actions) act(action);
  }

  function act(action: IncidentAction): void {
    actions.push(action);
    if (action.type === 'timer') return setTimer(action.id, action.at);
    if (action.type === 'untimer') return void timers.delete(action.id);
    if (action.type === 'acked') return acked(action.by);
    if (action.type !== 'page') return;
    pages.push({ at_ms: now - start, page: action.page });
    const { id, to } = action.page;
    queue.add(now + delivered_ms, () => tell({ type: 'paged', at: now + delivered_ms, id, delivered: [...to], failed: [] }));
  }

  function setTimer(id: string, at: Moment): void {
    timers.set(id, at);
    queue.add(at, () => {
      if (timers.get(id) !== at) return;
      timers.delete(id);
      tell({ type: 'timer', at, id });
    });
  }

  function tell(event: IncidentEvent): void {
    now = Math.max(now, event.at);
    take(nextIncident(state, { ...event, at: now }));
  }

  take(beginIncident(incident, start));
  return { tell, state: () => state, actions, pages };
}
