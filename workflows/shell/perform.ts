/** Performs one decision by activities and always comes back with one outcome per unit, whatever became of the engine's side. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  TimeoutFailure,
  proxyActivities,
  rootCause,
} from '@temporalio/workflow';
import type { Outcome, Perform, Problem, Unit } from '../core/run.ts';
import { hasEffect, isLedgered, optionsOf, split, stopOptions } from './hands.ts';

type Hand = (perform: Perform) => Promise<readonly Outcome[]>;

/** What a hand remembers between attempts: outcomes of finished units by their place in the list. */
export interface Beat {
  readonly done: { readonly [index: string]: Outcome };
}

export async function performAll(perform: Perform): Promise<readonly Outcome[]> {
  if (perform.units.length === 0) return [];
  const parts = await Promise.all(split(perform).map(performPart));
  return parts.flat();
}

async function performPart(part: Perform): Promise<readonly Outcome[]> {
  const hand = proxyActivities<{ [kind: string]: Hand }>(optionsOf(part))[part.kind];
  if (hand === undefined) throw ApplicationFailure.nonRetryable(`There is no hand for kind "${part.kind}"`);
  try {
    return await hand(part);
  } catch (error) {
    if (isLedgered(part) && CancellationScope.current().consideredCancelled) return stopThere(part, error);
    return afterLoss(part, error);
  }
}

/**
 * The act was to be stopped while no worker had it: its command may still run on the host. A hand goes there once more,
 * looks it up by its key, stops it and says what it found.
 */
async function stopThere(part: Perform, error: unknown): Promise<readonly Outcome[]> {
  const { stopPerform } = proxyActivities<{ stopPerform: Hand }>(stopOptions(part));
  try {
    return await CancellationScope.nonCancellable(() => stopPerform(part));
  } catch {
    return afterLoss(part, error);
  }
}

function afterLoss(part: Perform, error: unknown): readonly Outcome[] {
  const done = finishedBefore(error);
  return part.units.map((unit, index) => done[String(index)] ?? lost(part, unit, error));
}

function finishedBefore(error: unknown): Beat['done'] {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const beat =
    cause instanceof TimeoutFailure ? cause.lastHeartbeatDetails : cause instanceof ApplicationFailure ? cause.details?.[0] : null;
  return (beat as Beat | null | undefined)?.done ?? {};
}

/** The outcome of a unit whose hand never answered: nothing happened for a read, nobody knows for an effect. */
function lost(perform: Perform, unit: Unit, error: unknown): Outcome {
  const problem = problemOf(perform, unit, error);
  const unregistered = typeOf(error) === 'NotFoundError';
  return { node: unit.node, ok: false, result: null, problem, ran: hasEffect(perform) && !unregistered ? 'unknown' : 'no', seconds: 0 };
}

function problemOf(perform: Perform, unit: Unit, error: unknown): Problem {
  const place = unit.node === null ? '' : ` on "${unit.node}"`;
  const act = `Performing "${perform.kind}" of step "${perform.step}"${place}`;
  if (typeOf(error) === 'NotFoundError') {
    return {
      kind: 'refused',
      message: `${act} was refused: no worker knows this kind`,
      hint: 'Update the workers, or take the step out of the runbook',
    };
  }
  const why = reasonOf(error);
  if (!hasEffect(perform)) {
    const kind = isCancelled(error) ? 'cancelled' : 'timeout';
    return { kind, message: `${act} gave no answer: ${why}`, hint: 'Retry the step' };
  }
  return {
    kind: 'unknown',
    message: `${act} was begun and its end is not known: ${why}`,
    hint: 'Look at the place itself, then confirm, retry or skip the step',
  };
}

function typeOf(error: unknown): string | null {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? null) : null;
}

function isCancelled(error: unknown): boolean {
  return (error instanceof ActivityFailure ? error.cause : error) instanceof CancelledFailure;
}

function reasonOf(error: unknown): string {
  if (isCancelled(error)) return 'it was cancelled while no worker had it, whether it still goes on is NOT confirmed';
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return `the worker was lost or the time was up (${cause.timeoutType})`;
  return rootCause(error) ?? String(error);
}
