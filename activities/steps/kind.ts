import type { z } from 'zod';
import type { JsonMap, Language, Risk } from '../../workflows/domain/words.ts';
import type { Outcome, Perform, Unit } from '../../workflows/core/run.ts';
import type { Deps } from '../deps.ts';

/** What a hand is given for one unit. */
export interface UnitContext {
  readonly deps: Deps;
  readonly perform: Perform;
  readonly unit: Unit;
  /** Filled-in arguments of this unit, checked against the kind's shape, secrets still by reference. */
  readonly args: JsonMap;
  /** Fires on abort and on the end of the step's time. */
  readonly signal: AbortSignal;
  /** Last heartbeat details of this unit from an earlier attempt, or `null`. */
  readonly resumed: JsonMap | null;
  /** Keeps the activity alive and remembers where we are, for the next attempt. */
  readonly beat: (details: JsonMap) => void;
}

/**
 * A step kind that acts: one file, one descriptor, one line in `index.ts`.
 * `run` never throws for what the world did (that is an {@link Outcome}); it throws only for what a retry of the activity may mend.
 */
export interface StepKind {
  readonly id: string;
  readonly words: Readonly<Record<Language, { readonly title: string; readonly help: string }>>;
  /** Shape of the arguments as written in the runbook, strings still with `${{ }}`. */
  readonly shape: z.ZodType;
  /** Argument that names the node or target it acts on, or `null`. */
  readonly place: 'on' | null;
  readonly risk: (args: JsonMap) => Risk;
  readonly idempotent: boolean;
  /** Most units in one activity; more are cut into several. */
  readonly chunk: number;
  readonly run: (context: UnitContext) => Promise<Outcome>;
}
