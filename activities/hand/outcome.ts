import type { Outcome, Problem, Unit } from '../../workflows/core/run.ts';
import type { ErrorKind, JsonMap } from '../../workflows/domain/words.ts';
import { TocsinError } from '../platform/errors.ts';

interface OutcomeOptions {
  readonly unit: Pick<Unit, 'node'>;
  /** `Date.now()` when the unit began. */
  readonly began: number;
}

export function done(result: JsonMap, { unit, began }: OutcomeOptions): Outcome {
  return { node: unit.node, ok: true, result, problem: null, ran: 'yes', seconds: secondsSince(began) };
}

export interface FailOptions extends OutcomeOptions {
  readonly ran: Outcome['ran'];
  readonly result?: JsonMap | null;
}

export function failed(problem: Problem, { unit, began, ran, result }: FailOptions): Outcome {
  return { node: unit.node, ok: false, result: result ?? null, problem, ran, seconds: secondsSince(began) };
}

/** Stopped before any effect. */
export function refused(message: string, hint: string | null, options: OutcomeOptions): Outcome {
  return failed({ kind: 'refused', message, hint }, { ...options, ran: 'no' });
}

/** What a thrown error means to people. */
export function problemOf(error: unknown, kind: ErrorKind): Problem {
  if (error instanceof TocsinError) return { kind: error.kind, message: error.message, hint: error.hint };
  return { kind, message: error instanceof Error ? error.message : String(error), hint: null };
}

function secondsSince(began: number): number {
  return Math.round(Date.now() - began) / 1_000;
}
