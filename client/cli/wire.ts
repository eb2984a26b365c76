// Shapes of what the server answers, only the fields the command line reads. Moments come as ISO 8601 text or milliseconds.
import type { Next } from '../../workflows/core/run.ts';
import type { RunView } from '../../workflows/messages.ts';
import type { JsonMap, Severity } from '../../workflows/domain/words.ts';

export type When = string | number | null;

export interface RunRow {
  readonly id: string;
  readonly incident: string | null;
  readonly parent?: string | null;
  readonly runbook: string;
  readonly version: number;
  readonly title: string;
  readonly plan_hash?: string;
  readonly mode: string;
  readonly by: string;
  readonly reason: string;
  readonly status: string;
  readonly state?: RunView | null;
  readonly next?: Next | null;
  readonly problem?: { readonly message?: string; readonly hint?: string | null } | null;
  readonly inputs?: JsonMap;
  readonly targets?: JsonMap;
  readonly created_at: When;
  readonly ended_at: When;
}

export interface Line {
  readonly seq: number;
  readonly subject?: string;
  readonly at: When;
  readonly code: string;
  readonly step: string | null;
  readonly node: string | null;
  readonly by: string | null;
  readonly values: JsonMap;
  /** The sentence, when the server phrased it. */
  readonly text?: string;
}

export interface IncidentRow {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly service?: string | null;
  readonly phase: string;
  readonly commander: string | null;
  readonly run: string | null;
  readonly runbook?: string | null;
  readonly opened_at: When;
  readonly acknowledged_at?: When;
  readonly acknowledged_by?: string | null;
  readonly recovered_at?: When;
  readonly resolved_at: When;
  readonly next?: Next | null;
}

export interface AlarmRow {
  readonly id: number | string;
  readonly source: string;
  readonly name: string;
  readonly status: string;
  readonly summary: string;
  readonly severity: string;
  readonly state: string;
  readonly reason: string | null;
  readonly count: number;
  readonly incident: string | null;
  readonly accepted_at: When;
  readonly labels?: JsonMap;
}

export function moment(when: When | undefined): number | null {
  if (when === null || when === undefined) return null;
  const value = typeof when === 'number' ? when : Date.parse(when);
  return Number.isFinite(value) ? value : null;
}

/** `HH:MM:SS` here, with the date when it is not today. */
export function shortTime(when: When | undefined, now: number): string {
  const value = moment(when);
  if (value === null) return '-';
  const date = new Date(value);
  const two = (n: number) => String(n).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
