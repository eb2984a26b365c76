import type { Alarm } from '../../domain/alarm.ts';
import { severities } from '../../domain/words.ts';
import type { IncidentState, KnownAlarm, Phase } from '../people.ts';
import { change, note, type Desk } from './desk.ts';
import { settle } from './ends.ts';
import { keepClock } from './tiers.ts';

/** A storm is counted in the records; the machine keeps this many apart. */
const known_max = 2_000;

function known(alarm: Alarm): KnownAlarm {
  return { key: `${alarm.source} ${alarm.dedup_key}`, name: alarm.name, firing: alarm.status === 'firing', starts_at: alarm.starts_at };
}

/** Older than what is known: a repeated or overtaken delivery, which changes nothing. */
function isStale(before: KnownAlarm, now: KnownAlarm): boolean {
  if (before.firing === now.firing && before.starts_at === now.starts_at) return true;
  if (before.starts_at === null || now.starts_at === null) return false;
  if (now.starts_at < before.starts_at) return true;
  // The resolve came first; the firing it ended arrives late.
  return now.starts_at === before.starts_at && now.firing;
}

export function unacknowledgedPhase(state: IncidentState): Phase {
  return state.acknowledged ? 'acknowledged' : 'open';
}

export function alarmJoins(desk: Desk, alarm: Alarm): void {
  const now = known(alarm);
  const before = desk.state.alarms.find((other) => other.key === now.key);
  if (before && isStale(before, now)) return;
  if (!before && desk.state.alarms.length >= known_max) return;
  const alarms = before ? desk.state.alarms.map((other) => (other === before ? now : other)) : [...desk.state.alarms, now];
  change(desk, { alarms });
  const firing = alarms.filter((other) => other.firing).length;
  note(desk, now.firing ? 'incident.alarm' : 'incident.alarm_resolved', {
    name: now.name,
    source: alarm.source,
    summary: alarm.summary,
    count: alarms.length,
    firing,
  });
  if (now.firing) fires(desk, alarm);
  else if (firing === 0) recovers(desk);
}

function fires(desk: Desk, alarm: Alarm): void {
  const { state } = desk;
  if (state.phase === 'recovered') {
    change(desk, { phase: unacknowledgedPhase(state), recovered_at: null });
    note(desk, 'incident.reopened', { name: alarm.name });
  }
  const worse = severities.indexOf(alarm.severity) < severities.indexOf(state.severity);
  if (worse && !state.judged) {
    change(desk, { severity: alarm.severity });
    note(desk, 'incident.severity', { from: state.severity, to: alarm.severity, reason: alarm.name });
  }
  keepClock(desk);
}

function recovers(desk: Desk): void {
  if (desk.state.phase === 'recovered') return;
  change(desk, { phase: 'recovered', recovered_at: desk.at, recoveries: desk.state.recoveries + 1 });
  note(desk, 'incident.recovered', { count: desk.state.alarms.length });
  keepClock(desk);
  settle(desk, { tell: true });
}
