import type { EndStatus, Json, JsonMap, Moment, StepStatus } from '../domain/words.ts';
import type { Call, Retry } from './plan.ts';
import type { Action, Outcome, Problem, Role, RunInput } from './run.ts';

/**
 * Where a run stands, as plain JSON: it survives continue-as-new and a round trip through text. Nobody outside the machine
 * changes it; `next` shares what it did not touch.
 */
export interface RunState {
  readonly engine: number;
  readonly input: RunInput;
  readonly phase: Phase;
  readonly paused: boolean;
  readonly started_at: Moment;
  readonly now: Moment;
  readonly steps: { readonly [id: string]: StepState };
  /** Performs and children under way. */
  readonly flights: { readonly [id: string]: Flight };
  readonly timers: { readonly [id: string]: Timer };
  /** Single acts beside the steps: checks, undos, reactions, telling people. */
  readonly tasks: { readonly [id: string]: Task };
  readonly locks: { readonly [name: string]: LockState };
  readonly checks: { readonly before: readonly CheckState[]; readonly after: readonly CheckState[] };
  /** Ids of steps in the order they began to act; undone from the end. */
  readonly begun: readonly string[];
  /** Steps still to be undone while `undo: all` is under way; `null` before and after. */
  readonly undo: readonly string[] | null;
  readonly undone: { readonly ok: number; readonly failed: number };
  /** Index of the reaction that comes next, in on_failure or finally by `phase`. */
  readonly reaction: number;
  readonly failure: { readonly step: string | null; readonly problem: Problem } | null;
  /** Set while a person must approve the start. */
  readonly hold: Vote | null;
  readonly abort: { readonly by: string; readonly reason: string } | null;
  readonly acked_at: Moment | null;
  readonly ended: { readonly status: EndStatus; readonly problem: Problem | null; readonly at: Moment } | null;
  /** How often people were told something; numbers those acts. */
  readonly told: number;
  /** Ids of moves already made. */
  readonly moves: readonly string[];
}

/**
 * `held` a person must release it · `locking` · `steps` · `checking` checks.after · `draining` failed or aborted, what is under
 * way ends · `reacting` on_failure · `finishing` finally · `closing` what was sent last ends · `ended`.
 */
export type Phase = 'held' | 'locking' | 'steps' | 'checking' | 'draining' | 'reacting' | 'finishing' | 'closing' | 'ended';

export interface StepState {
  readonly status: StepStatus;
  readonly started_at: Moment | null;
  readonly ended_at: Moment | null;
  readonly units: readonly UnitState[];
  /** Units of the wave under way, `[from, to)`. */
  readonly wave: readonly [number, number];
  /** Counts performs and questions of this step, for ids. */
  readonly launches: number;
  readonly asks: number;
  readonly out: JsonMap | null;
  readonly problem: Problem | null;
  readonly vote: Vote | null;
  /** Name of the step's own lock, once asked for. */
  readonly lock: string | null;
  /** Replaced arguments, from a person's retry. */
  readonly override: JsonMap | null;
}

/**
 * `new` not begun · `due` to be run · `ask` to be asked, then run again · `doubt` outcome unknown, to be asked ·
 * `running` · `delayed` a retry waits · `asking` a person must decide · `ok` `failed` · `dropped` never run, the step stopped.
 */
export type UnitStatus = 'new' | 'due' | 'ask' | 'doubt' | 'running' | 'delayed' | 'asking' | 'ok' | 'failed' | 'dropped';

export interface UnitState {
  readonly status: UnitStatus;
  /** For people and for `out` by node: node name or list item as text. */
  readonly label: string | null;
  readonly node: string | null;
  readonly item: Json;
  /** Decisions to run so far; the number in the job key. */
  readonly tries: number;
  /** The same as `tries` unless a person began the count afresh. */
  readonly spent: number;
  readonly first_at: Moment | null;
  readonly ran: Outcome['ran'];
  readonly problem: Problem | null;
  readonly exit: number | null;
  readonly out: JsonMap | null;
}

export interface Vote {
  readonly role: string | null;
  readonly quorum: number;
  readonly not_requester: boolean;
  readonly delegates: readonly string[];
  readonly by: readonly string[];
  readonly ask: string;
  readonly tell: readonly string[];
  readonly on_timeout: 'escalate' | 'approve' | 'reject';
  readonly timeout_ms: number | null;
  readonly timeouts: number;
}

export interface Flight {
  readonly kind: 'do' | 'ask' | 'task' | 'child';
  /** Step or task. */
  readonly of: string;
  /** Index of the step's unit, one per unit of the perform. */
  readonly units: readonly number[];
  readonly nodes: readonly (string | null)[];
  /** Ask only: run again when denied. */
  readonly then_run: boolean;
}

export interface Timer {
  readonly kind: 'retry' | 'vote' | 'wait' | 'lock' | 'task';
  readonly of: string;
  readonly at: Moment;
  readonly units: readonly number[];
}

export interface Task {
  readonly role: Role;
  readonly use: 'check' | 'undo' | 'react' | 'tell';
  /** What it is called in performs and notes: step id or name of the reaction. */
  readonly step: string;
  readonly title: string;
  readonly call: Call;
  readonly expect: string | null;
  readonly retry: Retry;
  readonly timeout_ms: number | null;
  readonly status: 'due' | 'running' | 'delayed' | 'ok' | 'failed';
  readonly tries: number;
  readonly units: readonly TaskUnit[];
  readonly problem: Problem | null;
}

export interface TaskUnit {
  /** Index of the step's unit that `node` and `item` speak of. */
  readonly unit: number | null;
  readonly node: string | null;
  readonly status: 'due' | 'running' | 'ok' | 'failed';
}

export interface LockState {
  readonly fence: number | null;
  /** Step id, or empty for the run as a whole. */
  readonly holder: string;
  readonly queue: readonly string[];
}

export interface CheckState {
  readonly status: 'waiting' | 'asked' | 'ok' | 'failed';
  readonly message: string | null;
}

/** What a call of the machine gives back: where the run stands now, and what the shell must do, in order. */
export interface Turn {
  readonly state: RunState;
  readonly actions: readonly Action[];
}
