import type { JsonMap, Moment, Severity } from '../../domain/words.ts';
import type { Tier } from '../plan.ts';
import type { Action, Move, Next, Note, RunEvent, RunInput } from '../run.ts';
import type { IncidentAction, IncidentMove, IncidentState, Page } from '../people.ts';
import type { RunState } from '../state.ts';

export const faults = ['unreachable', 'timeout', 'exit', 'expect', 'unknown', 'refused'] as const;
export type Fault = (typeof faults)[number];

/**
 * What is answered where: `fence` the step, `fence?` its `done_when`, `fence~` its undo, `checks.before[0]`, `finally[1]`, or `*`
 * for everything.
 */
export interface At {
  readonly at: string;
  /** Only this node or list item; absent = all. */
  readonly node?: string;
  /** How often; absent = always. */
  readonly times?: number;
}

export interface ScriptedAnswer extends At {
  readonly result: JsonMap;
  /** Absent: an `exit` other than 0 is a failure, everything else is not. */
  readonly ok?: boolean;
}

export interface ScriptedFault extends At {
  readonly fault: Fault;
  readonly exit?: number;
}

export interface ScriptedDelay extends At {
  readonly delay_ms: number;
}

/** What the world answers and people do. Everything absent goes well and takes a second. */
export interface Script {
  readonly answers?: readonly ScriptedAnswer[];
  readonly faults?: readonly ScriptedFault[];
  readonly delays?: readonly ScriptedDelay[];
  /** Times are from the start. */
  readonly moves?: readonly { readonly at_ms: number; readonly move: Move }[];
  readonly incident_moves?: readonly { readonly at_ms: number; readonly move: IncidentMove }[];
  /** Locks that somebody else holds until then. */
  readonly held?: readonly { readonly name: string; readonly until_ms: number }[];
  /** Asks every unit with this chance (0 to 1) for a fault, by the seed. */
  readonly chance?: number;
  /** Nobody but the script moves the people's clock; `false` = no incident beside the run. */
  readonly incident?: boolean;
}

export interface SimulateOptions {
  readonly input: RunInput;
  readonly script?: Script;
  readonly seed?: number;
  /** Virtual start; 2026-01-01T00:00:00Z when absent. */
  readonly start?: Moment;
  /** Virtual time after which the simulation stops; 30 days when absent. */
  readonly until_ms?: number;
  readonly severity?: Severity;
  readonly tiers?: Readonly<Record<Severity, readonly Tier[]>>;
  /** Called after every event, with the state as it then is; may give back a copy to go on with. */
  readonly watch?: (state: RunState) => RunState;
}

export interface TimedPage {
  readonly at_ms: number;
  readonly page: Page;
}

export interface Simulated {
  readonly notes: readonly Note[];
  readonly actions: readonly { readonly at_ms: number; readonly action: Action }[];
  /** What the machine was told, in order: the same events give the same run in every shell. */
  readonly events: readonly RunEvent[];
  readonly state: RunState;
  /** Lines of run and incident in one order, times from the start. */
  readonly timeline: readonly { readonly at_ms: number; readonly note: Note; readonly of: 'run' | 'incident' }[];
  readonly pages: readonly TimedPage[];
  readonly incident: { readonly state: IncidentState; readonly actions: readonly IncidentAction[] } | null;
  readonly duration_ms: number;
  /** The run waits for a person whom the script does not have. */
  readonly stuck: Next | null;
}
