import type { Outcome, Perform } from '../workflows/core/run.ts';
import type { Deps } from './deps.ts';
import { currentAttempt } from './hand/attempt.ts';
import { mayRetry, performUnits } from './hand/perform.ts';
import { createIncidentActivities } from './incident.ts';
import { askLock, describeHolder } from './locks.ts';
import { createBindRunbook } from './bind.ts';
import type { Binder } from './bind.ts';
import { createRecordRun } from './record-run.ts';
import { TocsinError } from './platform/errors.ts';
import { createScheduledActivities } from './scheduled.ts';
import { stepKinds } from './steps/index.ts';
import type { StepKind } from './steps/kind.ts';

export interface ActivitiesOptions {
  readonly kinds?: readonly StepKind[];
  /** Where nested runs find their runbooks. */
  readonly library?: Binder;
  /** Fires when this process is about to end: acts that another worker can take up are let go at once. */
  readonly leaving?: AbortSignal;
}

export type Activity = (argument: never) => Promise<unknown>;

/** Every activity of the house by name: one per step kind, and the few that workflows need for themselves. */
export function createActivities(deps: Deps, options: ActivitiesOptions = {}): { readonly [name: string]: Activity } {
  const kinds = options.kinds ?? stepKinds;
  const own = {
    recordRun: createRecordRun(deps),
    bindRunbook: createBindRunbook(deps, options.library ?? null),
    askLock,
    describeHolder,
    ...createIncidentActivities(deps),
    ...createScheduledActivities(deps, options.library ?? null),
    stopPerform: createStopper(deps, kinds),
  };
  const taken = new Set(Object.keys(own));
  const hands: [string, Activity][] = [];
  for (const kind of kinds) {
    if (taken.has(kind.id))
      throw new TocsinError(`Registering step kind "${kind.id}" failed: the name is taken`, {
        code: 'E-KIND-TWICE',
        hint: 'Give the kind another id',
      });
    taken.add(kind.id);
    hands.push([kind.id, createHand(deps, kind, options.leaving ?? new AbortController().signal)]);
  }
  return { ...own, ...Object.fromEntries(hands) };
}

function createHand(deps: Deps, kind: StepKind, leaving: AbortSignal): (perform: Perform) => Promise<readonly Outcome[]> {
  return async function hand(perform) {
    const never = new AbortController().signal;
    const attempt = currentAttempt(mayRetry(perform, kind) ? leaving : never);
    return performUnits({ deps, kind, perform, attempt });
  };
}

/** Goes to a place only to stop what an earlier, lost attempt may have begun there, and to say what it found. */
function createStopper(deps: Deps, kinds: readonly StepKind[]): (perform: Perform) => Promise<readonly Outcome[]> {
  return async function stopPerform(perform) {
    const kind = kinds.find(({ id }) => id === perform.kind);
    if (kind === undefined) throw new TocsinError(`Stopping "${perform.kind}" failed: no hand has this kind`, { code: 'E-KIND' });
    const attempt = currentAttempt(new AbortController().signal);
    const stop = AbortSignal.abort(new Error('stopped on request'));
    return performUnits({ deps, kind, perform, attempt: { ...attempt, number: attempt.number + 1, stop } });
  };
}
