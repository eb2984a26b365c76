import type { JsonMap, Moment, Severity } from '../domain/words.ts';
import type { Alarm } from '../domain/alarm.ts';
import type { Tier } from './plan.ts';

/** What an incident is opened with. Its workflow id is `incident/` + `incident`. */
export interface IncidentInput {
  /** `inc-7` */
  readonly incident: string;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  /** Deadlines are absolute: `opened_at + tier.after_ms`, whatever restarts in between. */
  readonly opened_at: Moment;
  readonly tiers: Readonly<Record<Severity, readonly Tier[]>>;
  /** Who is told at once. */
  readonly first: readonly string[];
  readonly commander: string | null;
  /** The run that leads it, or `null`. */
  readonly run: string | null;
  readonly alarms: readonly Alarm[];
  readonly engine_version: number;
}

export type IncidentMove = { readonly id: string; readonly by: string; readonly reason: string } & (
  | { readonly kind: 'acknowledge' | 'resolve' }
  | { readonly kind: 'hand_over'; readonly to: string }
  | { readonly kind: 'severity'; readonly severity: Severity }
  | { readonly kind: 'note'; readonly text: string }
);

export type IncidentEvent =
  | { readonly type: 'start'; readonly at: Moment }
  | { readonly type: 'timer'; readonly at: Moment; readonly id: string }
  | { readonly type: 'move'; readonly at: Moment; readonly move: IncidentMove }
  | { readonly type: 'alarm'; readonly at: Moment; readonly alarm: Alarm }
  | { readonly type: 'run'; readonly at: Moment; readonly run: string; readonly status: 'ok' | 'failed' | 'aborted' }
  | { readonly type: 'paged'; readonly at: Moment; readonly id: string; readonly delivered: readonly string[]; readonly failed: readonly string[] };

/** One page to people; the hand turns roles into persons and persons into deliveries. */
export interface Page {
  /** `<incident>/tier-1`: the same for every retry. */
  readonly id: string;
  readonly incident: string;
  readonly to: readonly string[];
  readonly template: string;
  readonly severity: Severity;
  readonly values: JsonMap;
}
