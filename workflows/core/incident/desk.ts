import type { Json, JsonMap, Moment } from '../../domain/words.ts';
import type { IncidentAction, IncidentState, Page } from '../people.ts';
import { upcomingIncident } from './ladder.ts';

/** Where one event is worked on: the state so far and what is to be done, in order. Never leaves the machine. */
export interface Desk {
  state: IncidentState;
  readonly actions: IncidentAction[];
  readonly at: Moment;
}

export function change(desk: Desk, part: Partial<IncidentState>): void {
  desk.state = { ...desk.state, ...part };
}

export function note(desk: Desk, code: string, values: JsonMap = {}, by: string | null = null): void {
  desk.actions.push({ type: 'note', note: { at: desk.at, code, step: null, node: null, by, values } });
}

export function setTimer(desk: Desk, id: string, at: Moment): void {
  if (desk.state.timers[id] === at) return;
  change(desk, { timers: { ...desk.state.timers, [id]: at } });
  desk.actions.push({ type: 'timer', id, at });
}

export function clearTimer(desk: Desk, id: string): void {
  if (desk.state.timers[id] === undefined) return;
  const { [id]: _gone, ...rest } = desk.state.timers;
  change(desk, { timers: rest });
  desk.actions.push({ type: 'untimer', id });
}

/** A timer that has fired is no longer set; there is nothing to cancel. */
export function forgetTimer(desk: Desk, id: string): void {
  const { [id]: _gone, ...rest } = desk.state.timers;
  change(desk, { timers: rest });
}

export interface PageOptions {
  /** Last part of the id: `tier-1`. */
  readonly name: string;
  readonly to: readonly string[];
  readonly template: string;
  readonly escalates: boolean;
  readonly values?: JsonMap;
}

/** Facts of the incident go with every page, so that a mail needs no second look-up to be understood. */
export function page(desk: Desk, options: PageOptions): void {
  const to = [...new Set(options.to)];
  if (to.length === 0) return;
  const { state } = desk;
  const sent: Page = {
    id: `${state.input.incident}/${options.name}`,
    incident: state.input.incident,
    to,
    template: options.template,
    severity: state.severity,
    values: {
      title: state.input.title,
      service: state.input.service,
      opened_at: state.input.opened_at,
      at: desk.at,
      commander: state.commander,
      run: state.input.run,
      alarms: state.alarms.map((alarm) => alarm.name).slice(0, 10),
      alarm_count: state.alarms.length,
      next: upcomingIncident(state) as unknown as Json,
      ...options.values,
    },
  };
  change(desk, {
    told: [...new Set([...state.told, ...to])],
    pages: [...state.pages, { page: sent, escalates: options.escalates, tries: 1, delivered: [] }],
  });
  desk.actions.push({ type: 'page', page: sent });
}
