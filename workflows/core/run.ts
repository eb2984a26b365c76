import type { EndStatus, ErrorKind, Json, JsonMap, Mode, Moment, Risk } from '../domain/words.ts';
import type { Alarm } from '../domain/alarm.ts';
import type { Plan, Resolved } from './plan.ts';

/** Everything a run is started with. Pinned: editing the file or the inventory never changes a run under way. */
export interface RunInput {
  /** `inc-7.1`, `run-12`, or `<parent>.<step path>`; the workflow id is `run/` + this. */
  readonly run: string;
  readonly incident: string | null;
  readonly plan: Plan;
  readonly plan_hash: string;
  readonly engine_version: number;
  readonly inputs: JsonMap;
  readonly targets: Resolved;
  readonly alarm: Alarm | null;
  readonly by: string;
  readonly reason: string;
  readonly mode: Mode;
  /** Why a person must approve before anything happens (guard exceeded), or `null`. */
  readonly hold: string | null;
  /** Locks that a run above this one holds for it: a nested run does not ask for them again. */
  readonly held?: readonly string[];
}

export type Role = 'do' | 'ask' | 'undo' | 'check' | 'react';

/** One node's share of an act. `args` only where it differs from the act's own. */
export interface Unit {
  /** Node name, list item as text, or `null` for an act without a place. */
  readonly node: string | null;
  /** `workflowId-free` job key: `<run>/<step path>[node]#<iteration>`; the same for every retry of this decision. */
  readonly key: string;
  readonly args: JsonMap | null;
}

/** One decision to act; becomes one activity named after `kind`. */
export interface Perform {
  /** Unique in the run: `fence#1`, `restart[2]#1`, `fence?#1` (ask), `fence~#1` (undo). */
  readonly id: string;
  readonly run: string;
  readonly incident: string | null;
  readonly mode: Mode;
  readonly step: string;
  readonly title: string;
  readonly role: Role;
  readonly kind: string;
  /** Filled in: no `${{ }}` left, except secret references which stay `{"$secret": name}` until the hand uses them. */
  readonly args: JsonMap;
  readonly units: readonly Unit[];
  readonly risk: Risk;
  readonly idempotent: boolean;
  /** Per attempt, per unit; `null` = as long as it takes. */
  readonly timeout_ms: number | null;
  readonly heartbeat_ms: number;
  /** Names to references; hands resolve them at the last moment. */
  readonly secrets: { readonly [name: string]: { readonly from: 'env' | 'file'; readonly key: string } };
}

export interface Problem {
  readonly kind: ErrorKind;
  /** What was attempted, where, what is and what should be. */
  readonly message: string;
  /** What to do next. */
  readonly hint: string | null;
}

/** What became of one unit. `result` is also there for `exit` and `expect` problems. */
export interface Outcome {
  readonly node: string | null;
  readonly ok: boolean;
  /** ssh: `{exit, stdout, stderr}`; copy: `{sha256, bytes}`; sql: `{rows, count}`; http: `{status, headers, body}`; probe: `{up, ms}`. */
  readonly result: JsonMap | null;
  readonly problem: Problem | null;
  /** Whether the effect took place. `unknown` asks `done_when`, then a person. */
  readonly ran: 'yes' | 'no' | 'unknown';
  readonly seconds: number;
}

/** What a person does to a run. `id` makes it happen once; `by` is who, already authorised. */
export type Move = {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  /** Roles that `by` holds, as the way in knows them; absent = the way in has checked the role itself. */
  readonly roles?: readonly string[];
} & (
  | { readonly kind: 'approve' | 'reject'; readonly step: string }
  | { readonly kind: 'pause' | 'resume' | 'abort' }
  | { readonly kind: 'skip' | 'confirm'; readonly step: string }
  /** `take_over`: a person did the step by hand and gives its `out`. */
  | { readonly kind: 'take_over'; readonly step: string; readonly out: JsonMap }
  /** `args` replaces keys of the step's arguments. */
  | { readonly kind: 'retry'; readonly step: string; readonly args: JsonMap }
);
export type MoveKind = Move['kind'];

export type RunEvent =
  | { readonly type: 'start'; readonly at: Moment }
  | { readonly type: 'outcome'; readonly at: Moment; readonly id: string; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'timer'; readonly at: Moment; readonly id: string }
  | { readonly type: 'move'; readonly at: Moment; readonly move: Move }
  | { readonly type: 'locked'; readonly at: Moment; readonly name: string; readonly fence: number }
  /** `runbook` step: the nested run ended; `out` is its `steps.*.out` by step. */
  | {
      readonly type: 'child';
      readonly at: Moment;
      readonly id: string;
      readonly status: EndStatus;
      readonly out: JsonMap;
      readonly problem: Problem | null;
    }
  /** People's clock of the incident, for `run.acked_within`. */
  | { readonly type: 'acked'; readonly at: Moment; readonly by: string };

/** A line of the history of decisions: a code of the catalogue plus its values. Both shells must produce the same list. */
export interface Note {
  readonly at: Moment;
  readonly code: string;
  readonly step: string | null;
  readonly node: string | null;
  readonly by: string | null;
  readonly values: JsonMap;
}

export type Action =
  | { readonly type: 'perform'; readonly perform: Perform }
  /** Ask a perform under way to stop; its outcome still arrives. */
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'timer'; readonly id: string; readonly at: Moment }
  | { readonly type: 'untimer'; readonly id: string }
  | { readonly type: 'lock'; readonly name: string }
  | { readonly type: 'unlock'; readonly name: string }
  | {
      readonly type: 'child';
      readonly id: string;
      readonly run: string;
      readonly runbook: string;
      readonly version: string | null;
      readonly with: JsonMap;
      readonly held: readonly string[];
    }
  | { readonly type: 'note'; readonly note: Note }
  | { readonly type: 'end'; readonly status: EndStatus; readonly problem: Problem | null };

export interface Next {
  /** What happens next, for people: `step`, `approval`, `timer`, `retry`, `lock`, `decision`, `end`. */
  readonly what: string;
  readonly step: string | null;
  /** When it happens by itself, or `null` if only a person or an outcome can move it. */
  readonly at: Moment | null;
  readonly values: { readonly [key: string]: Json };
}
