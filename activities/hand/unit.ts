import type { z } from 'zod';
import type { Outcome, Perform, Unit } from '../../workflows/core/run.ts';
import type { Host } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import type { Deps } from '../deps.ts';
import { TocsinError } from '../platform/errors.ts';
import { replaceSecrets } from '../platform/secrets.ts';
import type { StepKind } from '../steps/kind.ts';
import { forbidden } from './guard.ts';
import { failed, problemOf, refused } from './outcome.ts';
import { hostNamed, placeOf } from './place.ts';

/** How long a kind may take to come back after its time is up or it was asked to stop; proving a process gone takes seconds. */
const graceAfterStop = 45_000;

export interface UnitRun {
  readonly deps: Deps;
  readonly kind: StepKind;
  readonly perform: Perform;
  readonly unit: Unit;
  readonly stop: AbortSignal;
  readonly resumed: JsonMap | null;
  readonly beat: (details: JsonMap) => void;
  /** Whether a later attempt may mend what `run` threw. */
  readonly mayThrow: boolean;
}

/** One unit, from its arguments to its outcome. Throws only what another attempt may mend. */
export async function runUnit(run: UnitRun): Promise<Outcome> {
  const { deps, kind, perform, unit } = run;
  const began = Date.now();
  const args: JsonMap = { ...perform.args, ...unit.args };
  const no = whyNot(run, args);
  if (no !== null) return refused(no.message, no.hint, { unit, began });
  // A drill that only simulates is answered by the machine; should one come here all the same, nothing is touched.
  if (perform.mode === 'simulate') return { node: unit.node, ok: true, result: { simulated: true }, problem: null, ran: 'no', seconds: 0 };

  const limit = perform.timeout_ms === null ? null : AbortSignal.timeout(perform.timeout_ms);
  const signal = limit === null ? run.stop : AbortSignal.any([run.stop, limit]);
  try {
    return await inTime(kind.run({ deps, perform, unit, args, signal, resumed: run.resumed, beat: run.beat }), signal);
  } catch (error) {
    const settled = error instanceof TocsinError && !error.retry;
    if (!settled && run.mayThrow && !signal.aborted) throw error;
    deps.log.warn({ err: error, run: perform.run, step: perform.step, node: unit.node }, 'a hand failed');
    return failed(signal.aborted ? stopped(limit, perform, unit) : problemOf(error, kindOf(perform)), {
      unit,
      began,
      ran: ranAfter(error, perform),
    });
  }
}

/** Waits for the kind, but not for ever once it was told to stop. */
async function inTime(work: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const arm = () => {
      timer = setTimeout(() => reject(signal.reason), graceAfterStop).unref();
    };
    if (signal.aborted) arm();
    else signal.addEventListener('abort', arm, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function whyNot({ deps, kind, perform, unit }: UnitRun, args: JsonMap): { readonly message: string; readonly hint: string | null } | null {
  const act = `Performing "${kind.id}" of step "${perform.step}" was refused`;
  const checked = kind.shape.safeParse(replaceSecrets(args, () => 'secret'));
  if (!checked.success)
    return {
      message: `${act}: ${wrongArgs(checked.error)}`,
      hint: 'Correct the value where it comes from (an input, an earlier answer), then retry the step with it',
    };
  let host: Host | null = null;
  try {
    const place = kind.place === null ? null : placeOf(unit, args);
    host = place === null ? null : hostNamed(place, deps.site());
  } catch (error) {
    const problem = problemOf(error, 'refused');
    return { message: `${act}: ${problem.message}`, hint: problem.hint };
  }
  const why = forbidden(perform, kind, host, deps.site());
  return why === null ? null : { message: `${act}: ${why}`, hint: 'Only a live run acts on production; name a drill host, or run it live' };
}

function wrongArgs(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`)
    .join('; ');
}

function stopped(limit: AbortSignal | null, perform: Perform, unit: Unit) {
  const place = unit.node === null ? '' : ` on "${unit.node}"`;
  const act = `Performing "${perform.kind}" of step "${perform.step}"${place}`;
  if (limit?.aborted)
    return {
      kind: 'timeout',
      message: `${act} took longer than ${(perform.timeout_ms ?? 0) / 1_000} s`,
      hint: 'Give the step more "timeout", or look why the place is slow',
    } as const;
  return {
    kind: 'cancelled',
    message: `${act} was asked to stop and gave no answer`,
    hint: 'Look at the place itself: it is NOT confirmed that it stopped',
  } as const;
}

function kindOf(perform: Perform): 'unknown' | 'unreachable' {
  return perform.risk === 'read' ? 'unreachable' : 'unknown';
}

function ranAfter(error: unknown, perform: Perform): Outcome['ran'] {
  if (perform.risk === 'read') return 'no';
  const before = error instanceof TocsinError && (error.kind === 'refused' || error.kind === 'unreachable');
  return before ? 'no' : 'unknown';
}
