import type { EndStatus, JsonMap, Moment, Severity } from '../domain/words.ts';
import type { Alarm } from '../domain/alarm.ts';
import type { Tier } from './plan.ts';
import type { Next, Note } from './run.ts';

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
  | {
      readonly type: 'paged';
      readonly at: Moment;
      readonly id: string;
      readonly delivered: readonly string[];
      readonly failed: readonly string[];
      readonly unknown?: readonly string[];
    };

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

/** What the machine wants done. Names and moments only; the shell does it and reports back as an {@link IncidentEvent}. */
export type IncidentAction =
  /** Answered by `paged`. The same id again = try those again who were not reached. */
  | { readonly type: 'page'; readonly page: Page }
  | { readonly type: 'timer'; readonly id: string; readonly at: Moment }
  | { readonly type: 'untimer'; readonly id: string }
  | { readonly type: 'note'; readonly note: Note }
  /** Tell a run of this incident that people answered. */
  | { readonly type: 'acked'; readonly run: string; readonly by: string }
  /** Write the report and mail it `to`; `final` = the incident is over. */
  | { readonly type: 'report'; readonly id: string; readonly to: readonly string[]; readonly final: boolean }
  | { readonly type: 'end' };

export const phases = ['open', 'acknowledged', 'recovered', 'resolved'] as const;
export type Phase = (typeof phases)[number];

export interface Act {
  readonly by: string;
  readonly at: Moment;
}

export interface KnownAlarm {
  /** `source` and `dedup_key`. */
  readonly key: string;
  readonly name: string;
  readonly firing: boolean;
  readonly starts_at: Moment | null;
}

/** A page whose result is not known yet, or that has people still to reach. */
export interface OpenPage {
  readonly page: Page;
  /** An unanswered one pulls the next tier forward and is dropped on acknowledge; the others only inform. */
  readonly escalates: boolean;
  readonly tries: number;
  readonly delivered: readonly string[];
}

/** The people's clock as plain data: survives continue-as-new as it stands. */
export interface IncidentState {
  /** As opened, without its alarms. */
  readonly input: IncidentInput;
  readonly phase: Phase;
  readonly severity: Severity;
  /** A person set the severity: alarms no longer raise it. */
  readonly judged: boolean;
  readonly commander: string | null;
  readonly acknowledged: Act | null;
  readonly recovered_at: Moment | null;
  readonly resolved: Act | null;
  readonly alarms: readonly KnownAlarm[];
  /** Keys of tiers that were paged, in order. */
  readonly fired: readonly string[];
  /** Roles and persons paged so far. */
  readonly told: readonly string[];
  readonly pages: readonly OpenPage[];
  readonly runs: { readonly [run: string]: 'running' | EndStatus };
  readonly timers: { readonly [id: string]: Moment };
  /** Ids of moves already made, the newest last. */
  readonly moves: readonly string[];
  /** Times the incident recovered; part of the page id, so that each recovery is told. */
  readonly recoveries: number;
}

/** What the records are told after a turn; `seq` grows by one per note, so that a repeated write changes nothing. */
export interface IncidentRecord {
  readonly incident: string;
  readonly notes: readonly (Note & { readonly seq: number })[];
  readonly phase: Phase;
  readonly severity: Severity;
  readonly commander: string | null;
  readonly acknowledged: Act | null;
  readonly recovered_at: Moment | null;
  readonly resolved: Act | null;
  readonly next: Next;
}

/** What came of one page: names of persons, or roles nobody stands behind. Handed over to a server is `delivered`, nothing less. */
export interface PageResult {
  readonly delivered: readonly string[];
  readonly failed: readonly string[];
  /** Part of `failed`: lost after the hand-over began, and sent again on purpose; two pages are better than none. */
  readonly unknown?: readonly string[];
}

export interface ReportRequest {
  readonly id: string;
  readonly incident: string;
  readonly to: readonly string[];
  readonly final: boolean;
}
