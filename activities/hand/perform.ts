import { ApplicationFailure } from '@temporalio/common';
import type { Outcome, Perform } from '../../workflows/core/run.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import type { Deps } from '../deps.ts';
import { maskerOf } from '../platform/secrets.ts';
import type { StepKind } from '../steps/kind.ts';
import { failed } from './outcome.ts';
import { roomFor, trimOutcome } from './trim.ts';
import { runUnit } from './unit.ts';

/** What the next attempt needs of this one, by place in the list of units. */
export interface Memory {
  readonly done: { [index: string]: Outcome };
  readonly units: { [index: string]: JsonMap };
}

/** The activity's side of the engine, small enough to be played by a test. */
export interface Attempt {
  /** Counts from 1. */
  readonly number: number;
  /** Heartbeat details of the attempt before. */
  readonly details: unknown;
  readonly heartbeat: (memory: Memory) => void;
  /** The run wants the act stopped. */
  readonly stop: AbortSignal;
  /** This worker lets go; somebody else goes on. Rejects then, otherwise never. */
  readonly leave: AbortSignal;
}

export interface PerformOptions {
  readonly deps: Deps;
  readonly kind: StepKind;
  readonly perform: Perform;
  readonly attempt: Attempt;
}

/** Units of one activity that are worked on at the same time. */
const width = { read: 64, change: 64, destructive: 32 } as const;
/** After so many attempts a hand that still throws is a defect, and people decide. */
const lastThrow = 6;

/** All units of one activity, with a memory that survives the worker. */
export async function performUnits(options: PerformOptions): Promise<readonly Outcome[]> {
  const { perform, attempt } = options;
  const memory = remember(attempt.details);
  const beats = setInterval(() => attempt.heartbeat(memory), Math.min(3_000, Math.max(500, perform.heartbeat_ms / 4)));
  const left = leaving(attempt.leave, memory);
  try {
    attempt.heartbeat(memory);
    await Promise.race([workThrough(options, memory), left]);
  } finally {
    clearInterval(beats);
    attempt.heartbeat(memory);
  }
  return perform.units.map((_, index) => memory.done[String(index)]!);
}

async function workThrough({ deps, kind, perform, attempt }: PerformOptions, memory: Memory): Promise<void> {
  const mask = maskerOf(perform.secrets);
  const room = roomFor(perform.units.length);
  const queue = perform.units.map((_, index) => index).filter((index) => memory.done[String(index)] === undefined);
  const mended: unknown[] = [];

  async function one(index: number): Promise<void> {
    const unit = perform.units[index]!;
    const slot = String(index);
    if (attempt.stop.aborted && attempt.number === 1) {
      memory.done[slot] = failed(
        { kind: 'cancelled', message: `Step "${perform.step}" was stopped before it began here`, hint: null },
        { unit, began: Date.now(), ran: 'no' },
      );
      return;
    }
    try {
      const outcome = await runUnit({
        deps,
        kind,
        perform,
        unit,
        stop: attempt.stop,
        mayThrow: mayRetry(perform, kind) && attempt.number < lastThrow,
        // An earlier attempt may have begun without living to say so.
        resumed: memory.units[slot] ?? (attempt.number > 1 ? { started: false } : null),
        beat: (details) => {
          memory.units[slot] = mask(details);
        },
      });
      memory.done[slot] = trimOutcome(mask(outcome), room);
      delete memory.units[slot];
    } catch (error) {
      mended.push(error);
    }
  }

  async function lane(): Promise<void> {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      if (attempt.leave.aborted) return;
      await one(index);
    }
  }

  await Promise.all(Array.from({ length: Math.min(width[perform.risk], queue.length) }, lane));
  // Only now, so that one bad unit costs the others nothing: the next attempt repeats what failed and nothing else.
  if (mended.length > 0) throw retryable(mended[0], mask);
}

/** Jobs are keyed on their host, reads change nothing: both may be tried again. Anything else is asked, not repeated. */
export function mayRetry(perform: Perform, kind: StepKind | null): boolean {
  if (kind === null) return false;
  return perform.risk === 'read' || perform.idempotent || kind.idempotent || kind.id === 'ssh' || kind.id === 'copy';
}

function remember(details: unknown): Memory {
  const before = (details ?? {}) as Partial<Memory>;
  return { done: { ...before.done }, units: { ...before.units } };
}

function leaving(leave: AbortSignal, memory: Memory): Promise<never> {
  return new Promise((_, reject) => {
    const go = () =>
      reject(
        ApplicationFailure.create({ message: 'the worker is leaving, another one goes on', type: 'WorkerLeaving', details: [memory] }),
      );
    if (leave.aborted) go();
    else leave.addEventListener('abort', go, { once: true });
  });
}

function retryable(error: unknown, mask: (text: string) => string): ApplicationFailure {
  const message = mask(error instanceof Error ? error.message : String(error));
  return ApplicationFailure.create({ message, type: 'HandFailed' });
}
