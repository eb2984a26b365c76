import type { Json, JsonMap, Risk, Severity } from '../domain/words.ts';
import type { Node } from '../domain/site.ts';

/** Behaviour of the machine that a run was started under; a run keeps its number for life, so replay never changes. */
export const engineVersion = 1;

/** One act of one kind. Strings in `args` may hold `${{ CEL }}`; they are filled in when the act is performed. */
export interface Call {
  readonly kind: string;
  readonly args: JsonMap;
}

/** A read-only question: the call, and the CEL that must be true of its answer (`null`: the call's own success). */
export interface Question {
  readonly call: Call;
  readonly expect: string | null;
}

export interface Check {
  readonly call: Call | null;
  readonly expect: string | null;
  readonly message: string | null;
  readonly then: 'stop' | 'note';
  /** Steps whose results the check reads; it settles once these are done. */
  readonly after: readonly string[];
}

/** `tries` counts the first; delays are `delay_ms * backoff ** (n - 1)`. */
export interface Retry {
  readonly max: number;
  readonly delay_ms: number;
  readonly backoff: number;
  /** CEL; poll until true. A read is repeated however often `for_ms` allows. */
  readonly until: string | null;
  readonly for_ms: number | null;
}

/** `{count}` nodes, or `{percent}` of the set rounded up. */
export type Share = { readonly count: number } | { readonly percent: number };

export interface Undo extends Question {
  readonly retry: Retry;
  readonly timeout_ms: number;
}

export interface Step {
  readonly id: string;
  readonly title: string;
  /** Ids, fully spelt out by the compiler: a step without `needs` gets every step above it. */
  readonly needs: readonly string[];
  readonly when: string | null;
  /** Name of a target, or CEL that gives a list. */
  readonly each: { readonly target: string } | { readonly list: string } | null;
  readonly batch: Share | null;
  readonly max_failures: Share;
  readonly risk: Risk;
  readonly idempotent: boolean;
  readonly lock: string | null;
  /** Most units in one perform; absent = 50. A destructive step has one. */
  readonly chunk?: number;
  readonly timeout_ms: number | null;
  readonly heartbeat_ms: number;
  readonly retry: Retry;
  readonly call: Call;
  readonly done_when: Question | null;
  readonly expect: string | null;
  readonly out: { readonly [name: string]: Json };
  readonly undo: Undo | null;
  readonly pivot: boolean;
  readonly on_failure: {
    readonly when: string | null;
    readonly do: 'fail' | 'continue';
    readonly note: string | null;
    readonly open: 'follow_up' | null;
  } | null;
  /** Canned answer in `simulate`: `{answer}` becomes the result, `skip` skips the step. */
  readonly drill: { readonly answer: Json } | 'skip' | null;
}

export interface Tier {
  /** From the start of the incident. */
  readonly after_ms: number;
  /** Role, person or list of them. */
  readonly to: readonly string[];
  readonly then: 'report' | null;
}

export type Reaction =
  | { readonly do: 'undo' }
  | { readonly do: 'escalate'; readonly to: readonly string[] }
  | {
      readonly do: 'call';
      readonly id: string;
      readonly call: Call;
      readonly timeout_ms: number;
      readonly retry: Retry;
      readonly expect: string | null;
    };

export interface InputSpec {
  readonly type: 'string' | 'int' | 'number' | 'boolean' | 'duration';
  readonly required: boolean;
  readonly default: Json;
  readonly enum: readonly Json[] | null;
  readonly pattern: string | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly title: string | null;
}

export interface TargetSpec {
  /** CEL over `node` and `inputs`. Rundeck text is turned into CEL by the compiler. */
  readonly where: string;
  readonly exactly: number | null;
  readonly at_least: number;
  readonly pick: { readonly order: 'min' | 'max'; readonly by: string } | null;
}

export interface AlarmTrigger {
  readonly on: 'alarm';
  readonly match: string;
  readonly with: { readonly [input: string]: Json };
  readonly for_ms: number;
  readonly converge: { readonly key: string; readonly within_ms: number; readonly then: 'join' | 'skip' | 'wait' | 'queue' } | null;
  readonly guard: { readonly max_runs: number; readonly per_ms: number; readonly then: 'approve' | 'skip' } | null;
}
export interface ManualTrigger {
  readonly on: 'manual';
  readonly roles: readonly string[];
}
export interface ScheduleTrigger {
  readonly on: 'schedule';
  readonly cron: string;
  readonly timezone: string;
  readonly jitter_ms: number;
  readonly overlap: 'skip' | 'queue';
  readonly catchup_ms: number;
}
export type Trigger = AlarmTrigger | ManualTrigger | ScheduleTrigger;

export interface Drill {
  readonly mode: 'simulate' | 'sandbox' | 'live';
  readonly inject: readonly { readonly at: string; readonly fault: string | null; readonly delay_ms: number | null }[];
  readonly score: readonly { readonly expect: string; readonly points: number }[];
}

/** A runbook as a machine reads it: checked, defaults spelt out, canonical. Hash = SHA-256 of its canonical JSON. */
export interface Plan {
  readonly runbook: string;
  readonly version: number;
  readonly title: string;
  readonly owner: string;
  readonly severity: Severity;
  readonly objectives: { readonly rto_ms: number | null; readonly rpo_ms: number | null };
  readonly triggers: readonly Trigger[];
  readonly inputs: { readonly [name: string]: InputSpec };
  readonly secrets: { readonly [name: string]: { readonly from: 'env' | 'file'; readonly key: string } };
  readonly targets: { readonly [name: string]: TargetSpec };
  readonly lock: readonly string[];
  readonly escalation: Readonly<Record<Severity, readonly Tier[]>>;
  readonly checks: { readonly before: readonly Check[]; readonly after: readonly Check[] };
  readonly steps: readonly Step[];
  readonly on_failure: readonly Reaction[];
  readonly finally: readonly Reaction[];
  readonly drill: Drill | null;
}

/** Which nodes each target stands for; settled at the edge before the start, so that people approve hosts and not patterns. */
export type Resolved = { readonly [target: string]: readonly Node[] };
