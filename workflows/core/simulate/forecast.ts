import type { Risk } from '../../domain/words.ts';
import type { Plan, Resolved, Step } from '../plan.ts';
import { durationMs as durationOf } from '../../domain/duration.ts';
import { placeWritten } from '../place.ts';
import type { RunInput } from '../run.ts';
import { share } from '../units.ts';

export interface ForecastStep {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly risk: Risk;
  readonly needs: readonly string[];
  readonly when: string | null;
  /** Names of the nodes it acts on; empty = no place, or a list known only at run time. */
  readonly nodes: readonly string[];
  readonly waves: number;
  readonly timeout_ms: number | null;
  /** Earliest it can begin, and the latest it can end; `null` = a person or an open time decides. */
  readonly begins_ms: number;
  readonly ends_ms: number | null;
  readonly undo: boolean;
  readonly pivot: boolean;
  readonly asks: boolean;
}

export interface Forecast {
  readonly steps: readonly ForecastStep[];
  /** From the start to the end of the last step, if every step takes its usual second. */
  readonly best_ms: number;
  /** If every try of every step takes its whole time; `null` = without limit. */
  readonly worst_ms: number | null;
}

const usual_ms = 1_000;

/** What a plan will do, in order, before it does anything: nothing is asked and nothing runs. */
export function forecast(plan: Plan, input: Pick<RunInput, 'targets'>): Forecast {
  const best = new Map<string, number>();
  const worst = new Map<string, number | null>();
  const steps = plan.steps.map((step): ForecastStep => {
    const nodes = nodesOf(step, input.targets);
    const waves = wavesOf(step, nodes.length);
    const begins = Math.max(0, ...step.needs.map((id) => best.get(id) ?? 0));
    const latest = latestOf(step.needs.map((id) => worst.get(id) ?? (worst.has(id) ? null : 0)));
    best.set(step.id, begins + leastOf(step, waves));
    const most = mostOf(step, waves);
    worst.set(step.id, latest === null || most === null ? null : latest + most);
    return {
      id: step.id,
      title: step.title,
      kind: step.call.kind,
      risk: step.risk,
      needs: step.needs,
      when: step.when,
      nodes,
      waves,
      timeout_ms: step.timeout_ms,
      begins_ms: begins,
      ends_ms: worst.get(step.id)!,
      undo: step.undo !== null,
      pivot: step.pivot,
      asks: step.call.kind === 'approve' || step.call.kind === 'manual',
    };
  });
  return { steps, best_ms: Math.max(0, ...best.values()), worst_ms: latestOf([...worst.values()]) };
}

function latestOf(times: readonly (number | null)[]): number | null {
  return times.includes(null) ? null : Math.max(0, ...(times as number[]));
}

function nodesOf(step: Step, targets: Resolved): string[] {
  const place = step.each !== null && 'target' in step.each ? step.each.target : placeWritten(step.call);
  if (place === null || place.includes('${{')) return [];
  return (targets[place] ?? [{ name: place }]).map(({ name }) => name);
}

function wavesOf(step: Step, count: number): number {
  if (count === 0 || step.batch === null) return 1;
  return Math.ceil(count / Math.max(1, share(step.batch, count)));
}

function waitOf({ call }: Step): number | null {
  const span = call.args['for'];
  return call.kind === 'wait' && typeof span === 'string' ? (durationOf(span) ?? null) : null;
}

function leastOf(step: Step, waves: number): number {
  if (step.call.kind === 'set' || step.when !== null) return 0;
  return waitOf(step) ?? usual_ms * waves;
}

/** Every try to its limit with the delays between; a total time for polling bounds it. */
function mostOf(step: Step, waves: number): number | null {
  if (step.call.kind === 'set') return 0;
  const wait = waitOf(step);
  if (wait !== null) return wait;
  if (step.timeout_ms === null) return null;
  const { max, delay_ms, backoff, for_ms } = step.retry;
  if (for_ms !== null) return (for_ms + step.timeout_ms) * waves;
  let total = step.timeout_ms * max;
  for (let n = 1; n < max; n++) total += delay_ms * backoff ** (n - 1);
  return Math.round(total) * waves;
}
