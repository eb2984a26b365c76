import { beginIncident, defaultTiers, nextIncident } from '../../../../workflows/core/incident.ts';
import type { IncidentAction, IncidentEvent, IncidentInput, IncidentMove, IncidentState } from '../../../../workflows/core/people.ts';
import type { Alarm } from '../../../../workflows/domain/alarm.ts';

export const minute = 60_000;
/** Moments of the tests count from here. */
export const opened = Date.UTC(2026, 0, 5, 2, 0, 0);

export function alarm(name: string, part: Partial<Alarm> = {}): Alarm {
  return {
    source: 'am',
    dedup_key: name,
    status: 'firing',
    name,
    summary: `${name} is bad`,
    source_severity: null,
    severity: 'fatal',
    labels: {},
    annotations: {},
    starts_at: opened,
    ends_at: null,
    links: [],
    ...part,
  };
}

export function input(part: Partial<IncidentInput> = {}): IncidentInput {
  return {
    incident: 'inc-7',
    title: 'Disk failing',
    severity: 'fatal',
    service: 'orders',
    opened_at: opened,
    tiers: defaultTiers,
    first: ['on_duty'],
    commander: null,
    run: 'inc-7.1',
    alarms: [alarm('disk')],
    engine_version: 1,
    ...part,
  };
}

type MoveWords = { readonly kind: IncidentMove['kind'] } & Record<string, unknown>;
let moves = 0;
export function moveOf(words: MoveWords): IncidentMove {
  return { id: `m${(moves += 1)}`, by: 'Li Wei', reason: 'seen', ...words } as unknown as IncidentMove;
}

export interface Seen {
  readonly at_ms: number;
  readonly action: IncidentAction;
}

export interface Driver {
  state: IncidentState;
  readonly seen: Seen[];
  /** Feeds one event at `minutes` after the opening, after every timer that is due by then. */
  at(minutes: number, event: { readonly type: IncidentEvent['type'] } & Record<string, unknown>): Driver;
  /** Lets time pass, timers firing exactly at their moments, every page answered at once. */
  until(minutes: number): Driver;
  /** `10: level_1,all_hands`: minute and people of every page. */
  paged(): readonly string[];
  codes(): readonly string[];
}

export interface DriveOptions {
  readonly begin_ms?: number;
  /** Names that cannot be reached. */
  readonly dead?: (page: string) => boolean;
}

/** A shell of a few lines: a clock that jumps from timer to timer, and people that are reached or not. */
export function drive(what: IncidentInput, options: DriveOptions = {}): Driver {
  let now = opened + (options.begin_ms ?? 0);
  const timers = new Map<string, number>();
  const seen: Seen[] = [];
  const turn = beginIncident(what, now);
  const driver: Driver = {
    state: turn.state,
    seen,
    at(minutes, event) {
      driver.until(minutes);
      feed({ ...event, at: now } as unknown as IncidentEvent);
      return driver;
    },
    until(minutes) {
      const end = opened + minutes * minute;
      for (;;) {
        const due = [...timers].sort((a, b) => a[1] - b[1])[0];
        if (!due || due[1] > end) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1]);
        feed({ type: 'timer', at: now, id: due[0] });
      }
      now = Math.max(now, end);
      return driver;
    },
    paged: () => seen.flatMap(({ at_ms, action }) => (action.type === 'page' ? [`${at_ms / minute}: ${action.page.to.join(',')}`] : [])),
    codes: () => seen.flatMap(({ action }) => (action.type === 'note' ? [action.note.code] : [])),
  };

  function feed(event: IncidentEvent): void {
    const result = nextIncident(driver.state, event);
    driver.state = result.state;
    perform(result.actions);
  }

  function perform(actions: readonly IncidentAction[]): void {
    for (const action of actions) {
      seen.push({ at_ms: now - opened, action });
      if (action.type === 'timer') timers.set(action.id, action.at);
      if (action.type === 'untimer') timers.delete(action.id);
    }
    for (const action of actions) {
      if (action.type !== 'page') continue;
      const dead = options.dead?.(action.page.id) ?? false;
      feed({
        type: 'paged',
        at: now,
        id: action.page.id,
        delivered: dead ? [] : [...action.page.to],
        failed: dead ? [...action.page.to] : [],
      });
    }
  }

  perform(turn.actions);
  return driver;
}
