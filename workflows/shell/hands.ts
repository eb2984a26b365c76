/** How a decision to act becomes activities: how many, with which limits, tried how often. */
import { ActivityCancellationType } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Perform } from '../core/run.ts';

/** Units that one activity works on at the same time; the pool in `activities/perform.ts` has the same width. */
export const pool = 64;
/** Units of one activity at most: its result, trimmed, stays below 256 KB, and 1,000 targets are ten activities. */
export const chunk = 100;

/** Kinds whose effects are keyed on the host: trying again re-attaches, so it may be done without end. */
const ledgered: readonly string[] = ['ssh', 'copy'];

const second = 1_000;
const hour = 3_600 * second;
/** An act without a time limit still needs one for the engine; a month is longer than any emergency. */
const longest = 31 * 24 * hour;
/** How long the truth about a keyed job is sought when every worker is gone. */
const patience = 24 * hour;
const slack = 30 * second;

export function isLedgered(perform: Perform): boolean {
  return hasEffect(perform) && ledgered.includes(perform.kind);
}

export function hasEffect(perform: Perform): boolean {
  return perform.risk !== 'read';
}

/** Cuts a perform into activities; ids and keys stay, so that every cut is the same on replay and on retry. */
export function split(perform: Perform): readonly Perform[] {
  if (perform.units.length <= chunk) return [perform];
  const parts: Perform[] = [];
  for (let from = 0; from < perform.units.length; from += chunk) {
    parts.push({ ...perform, units: perform.units.slice(from, from + chunk) });
  }
  return parts;
}

/** Limits and tries of the activity that performs `perform`. */
export function optionsOf(perform: Perform): ActivityOptions {
  const waves = Math.ceil(perform.units.length / pool);
  const attempt = perform.timeout_ms === null ? longest : perform.timeout_ms * waves + slack;
  const options = {
    startToCloseTimeout: attempt,
    heartbeatTimeout: Math.max(perform.heartbeat_ms, 2 * second),
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: perform.title.slice(0, 200),
  };
  // Retries here mend lost workers only; what the world answers is an outcome, and its retries are the machine's decision.
  const quick = { initialInterval: 200, backoffCoefficient: 2, maximumInterval: 5 * second, nonRetryableErrorTypes: ['NotFoundError'] };
  if (isLedgered(perform)) return { ...options, scheduleToCloseTimeout: attempt + patience, retry: quick };
  if (!hasEffect(perform) || perform.idempotent) return { ...options, retry: { ...quick, maximumAttempts: 8 } };
  return { ...options, retry: { maximumAttempts: 1 } };
}

/** Limits of going to the host once more to stop what may still run there: an abort does not wait for ever. */
export function stopOptions(perform: Perform): ActivityOptions {
  const limit = 90 * second;
  return {
    startToCloseTimeout: limit,
    scheduleToCloseTimeout: 2 * limit,
    heartbeatTimeout: Math.max(perform.heartbeat_ms, 2 * second),
    retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 5 * second },
    summary: `stop: ${perform.title}`.slice(0, 200),
  };
}
