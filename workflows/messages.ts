/** Names and shapes of what crosses into a workflow. Clients import these as values; they hold no logic. */
import type { Alarm } from './domain/alarm.ts';
import type { Act, IncidentMove, Phase } from './core/people.ts';
import type { Move, Next, RunInput } from './core/run.ts';
import type { EndStatus, JsonMap, RunStatus, Severity, StepStatus } from './domain/words.ts';

export const queues = { control: 'tocsin' } as const;

export const workflowIds = {
  incident: (incident: string) => `incident/${incident}`,
  run: (run: string) => `run/${run}`,
  lock: (name: string) => `lock/${name}`,
};

/** Workflow type names, as exported from `workflows/index.ts`. */
export const workflowTypes = { run: 'runRunbook', incident: 'incident', lock: 'lock', scheduled: 'scheduledRun' } as const;

/** Updates (validated, answered, once per update id). Argument in the comment. */
export const updates = {
  /** {@link Move} → {@link MoveAnswer} */
  runMove: 'move',
  /** {@link IncidentMove} → {@link MoveAnswer} */
  incidentMove: 'incidentMove',
  /** {@link Alarm} → `{ joined: true }`; used with update-with-start */
  alarm: 'alarm',
} as const;

/** Signals between our own workflows only. */
export const signals = {
  acked: 'acked',
  runEnded: 'runEnded',
  locked: 'locked',
  acquire: 'acquire',
  release: 'release',
} as const;

export const queries = { state: 'state' } as const;

/** Argument of `scheduledRun`. */
export interface ScheduledRequest {
  readonly runbook: string;
  /** The trigger in words, kept as the run's reason. */
  readonly when: string;
}

export interface MoveAnswer {
  readonly accepted: true;
  readonly status: string;
}
/** What the query `state` of a run gives, and what `run.state` in the records holds. */
export interface RunView {
  readonly run: string;
  readonly status: RunStatus;
  readonly next: Next | null;
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: StepStatus;
    readonly done: number;
    readonly of: number;
    readonly problem: string | null;
    readonly out: JsonMap | null;
    readonly started_at: number | null;
    readonly ended_at: number | null;
  }[];
}
/** What the query `state` of an incident gives. */
export interface IncidentView {
  readonly incident: string;
  readonly title: string;
  readonly phase: Phase;
  readonly severity: Severity;
  readonly commander: string | null;
  readonly acknowledged: Act | null;
  readonly resolved: Act | null;
  readonly alarms: { readonly known: number; readonly firing: number };
  readonly runs: { readonly [run: string]: 'running' | EndStatus };
  readonly next: Next;
}
/** Argument of the signal `runEnded`. */
export interface RunEnded {
  readonly run: string;
  readonly status: EndStatus;
}
/** Result of `runRunbook`. */
export interface RunResult {
  readonly status: EndStatus;
  readonly out: JsonMap;
  readonly problem: { readonly kind: string; readonly message: string; readonly hint: string | null } | null;
}
export type { Alarm, IncidentMove, Move, RunInput };
