import { holds } from '../../workflows/core/cel.ts';
import { upcoming } from '../../workflows/core/machine.ts';
import type { Perform } from '../../workflows/core/run.ts';
import { scopeOf } from '../../workflows/core/scope.ts';
import { scoreOf } from '../../workflows/core/simulate/index.ts';
import type { RunState } from '../../workflows/core/state.ts';
import { statusOf } from '../../workflows/core/view.ts';
import { canonical } from '../../workflows/domain/canonical.ts';
import { durationText } from '../../workflows/domain/duration.ts';
import type { Json } from '../../workflows/domain/words.ts';
import type { Played } from './play.ts';
import type { Expectation } from './shape.ts';

/** What was wanted and what was there instead; `null` = as wanted. */
export interface Mismatch {
  readonly wanted: string;
  readonly found: string;
}

interface Look {
  readonly played: Played;
  readonly at_ms: number;
  readonly state: RunState;
}

type Judge = (look: Look, given: Expectation) => Mismatch | null;

/** Compares one row of a time table with what was played. `null` time = the end. */
export function judge(played: Played, at: number | null, given: Expectation): Mismatch | null {
  const at_ms = at ?? Number.POSITIVE_INFINITY;
  const state = played.moments.findLast((moment) => moment.at_ms <= at_ms)!.state;
  const look = { played, at_ms, state };
  const own = (Object.keys(judges) as (keyof typeof judges)[]).find((key) => given[key] !== undefined)!;
  return judges[own](look, given);
}

const judges = {
  line: hasLine,
  next: isNext,
  paged: isPaged,
  not_paged: isNotPaged,
  told: isTold,
  status: hasStatus,
  step: stepIs,
  never: isNever,
  performed: isPerformed,
  order: isInOrder,
  undone: isUndone,
  problem: hasProblem,
  score: hasScore,
  that: isThat,
} satisfies { readonly [key in keyof Expectation]?: Judge };

const spell = (ms: number) => (Number.isFinite(ms) ? durationText(ms) : 'the end');
const mismatch = (isFine: boolean, wanted: string, found: string): Mismatch | null => (isFine ? null : { wanted, found });

function pagesTo({ played }: Look, who: string): number[] {
  return played.pages.filter(({ page }) => page.to.includes(who)).map(({ at_ms }) => at_ms);
}

function isPaged(look: Look, { paged = [] }: Expectation): Mismatch | null {
  for (const who of paged) {
    const times = pagesTo(look, who);
    const isFine = Number.isFinite(look.at_ms) ? times.includes(look.at_ms) : times.length > 0;
    if (isFine) continue;
    return {
      wanted: `${who} paged at ${spell(look.at_ms)}`,
      found:
        times.length === 0 ? `${who} never paged; paged were ${everybodyPaged(look)}` : `${who} paged at ${times.map(spell).join(', ')}`,
    };
  }
  return null;
}

function everybodyPaged({ played }: Look): string {
  return played.pages.map(({ at_ms, page }) => `${page.to.join(', ')} at ${spell(at_ms)}`).join('; ') || 'nobody';
}

function isNotPaged(look: Look, { not_paged = [] }: Expectation): Mismatch | null {
  for (const who of not_paged) {
    const times = pagesTo(look, who).filter((at) => at <= look.at_ms);
    if (times.length > 0)
      return { wanted: `${who} not paged up to ${spell(look.at_ms)}`, found: `${who} paged at ${times.map(spell).join(', ')}` };
  }
  return null;
}

function isTold({ played, at_ms }: Look, { told = [] }: Expectation): Mismatch | null {
  const all = performsOf(played)
    .filter((perform) => perform.kind === 'notify' && perform.at_ms <= at_ms)
    .flatMap(({ args }) => [args['to'] ?? []].flat().map(String));
  const missing = told.filter((who) => !all.includes(who));
  return mismatch(
    missing.length === 0,
    `${missing.join(', ')} told by ${spell(at_ms)}`,
    all.length === 0 ? 'nobody told' : `told: ${[...new Set(all)].join(', ')}`,
  );
}

function hasStatus({ state, played, at_ms }: Look, { status }: Expectation): Mismatch | null {
  const found = statusOf(state);
  const stands = played.stuck === null || Number.isFinite(at_ms) ? '' : `; it waits for: ${played.stuck.what} ${played.stuck.step ?? ''}`;
  return mismatch(
    found === status,
    `run ${status}`,
    `run ${found}${state.failure === null ? '' : `: ${state.failure.problem.message}`}${stands}`,
  );
}

function stepIs({ state }: Look, { step: id, is, out }: Expectation): Mismatch | null {
  const step = state.steps[id!];
  if (step === undefined) return { wanted: `a step "${id}"`, found: `steps: ${Object.keys(state.steps).join(', ')}` };
  const wanted = is === undefined ? [] : [is].flat();
  if (wanted.length > 0 && !wanted.includes(step.status))
    return {
      wanted: `${id} ${wanted.join(' or ')}`,
      found: `${id} ${step.status}${step.problem === null ? '' : `: ${step.problem.message}`}`,
    };
  for (const [key, value] of Object.entries(out ?? {})) {
    const found = step.out?.[key];
    if (found === undefined || canonical(found) !== canonical(value as Json))
      return { wanted: `${id}.out.${key} = ${JSON.stringify(value)}`, found: `${id}.out.${key} = ${JSON.stringify(found) ?? 'nothing'}` };
  }
  return null;
}

type Timed = Perform & { readonly at_ms: number };

function performsOf(played: Played): Timed[] {
  return played.actions.flatMap(({ at_ms, action }) => (action.type === 'perform' ? [{ ...action.perform, at_ms }] : []));
}

const marks = { do: '', ask: '?', undo: '~', check: '', react: '' } as const;

/** Times at which a place was performed: a step by its hands, by a nested run, or by the people it asked. */
function timesOf({ played, at_ms }: Look, place: string): number[] {
  const acts = performsOf(played)
    .filter((perform) => !perform.id.includes('!') && `${perform.step}${marks[perform.role]}` === place)
    .map((perform) => perform.at_ms);
  const others = played.actions.flatMap(({ at_ms: at, action }) => {
    if (action.type === 'child') return action.id.replace(/(\[.*)?#\d+$/, '') === place ? [at] : [];
    return action.type === 'note' &&
      action.note.step === place &&
      ['approval.asked', 'manual.asked', 'wait.started'].includes(action.note.code)
      ? [at]
      : [];
  });
  return [...acts, ...others].filter((at) => at <= at_ms).sort((a, b) => a - b);
}

function isNever(look: Look, { never }: Expectation): Mismatch | null {
  for (const place of [never!].flat()) {
    const times = timesOf(look, place);
    if (times.length > 0) return { wanted: `${place} never performed`, found: `${place} performed at ${times.map(spell).join(', ')}` };
  }
  return null;
}

function isPerformed(look: Look, { performed, times }: Expectation): Mismatch | null {
  const found = timesOf(look, performed!);
  const isFine = times === undefined ? found.length > 0 : found.length === times;
  return mismatch(
    isFine,
    `${performed} performed${times === undefined ? '' : ` ${times} times`} by ${spell(look.at_ms)}`,
    found.length === 0 ? 'never performed' : `performed ${found.length} times: ${found.map(spell).join(', ')}`,
  );
}

function isInOrder(look: Look, { order = [] }: Expectation): Mismatch | null {
  const firsts = order.map((place) => ({ place, at: performsOrder(look, place) }));
  const isFine = firsts.every(({ at }, index) => at !== -1 && (index === 0 || firsts[index - 1]!.at < at));
  const found = [...firsts]
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at)
    .map(({ place }) => place);
  const absent = firsts.filter(({ at }) => at === -1).map(({ place }) => place);
  return mismatch(isFine, order.join(' → '), `${found.join(' → ') || 'none'}${absent.length === 0 ? '' : `; never: ${absent.join(', ')}`}`);
}

/** Position of the first act at a place in the list of all actions; -1 = none. */
function performsOrder({ played }: Look, place: string): number {
  return played.actions.findIndex(
    ({ action }) =>
      action.type === 'perform' && `${action.perform.step}${marks[action.perform.role]}` === place && !action.perform.id.includes('!'),
  );
}

function isUndone({ state, played, at_ms }: Look, { undone = [] }: Expectation): Mismatch | null {
  const found = played.notes.filter(({ code, at }) => code === 'undo.ok' && at - state.started_at <= at_ms).map(({ step }) => step!);
  return mismatch(
    canonical(found) === canonical(undone),
    `undone: ${undone.join(', ') || 'nothing'}`,
    `undone: ${found.join(', ') || 'nothing'}`,
  );
}

function hasLine({ played, at_ms }: Look, { line, step }: Expectation): Mismatch | null {
  const lines = played.timeline.filter((each) => each.at_ms <= at_ms);
  const isFine = lines.some(({ note }) => note.code === line && (step === undefined || note.step === step));
  return mismatch(
    isFine,
    `a line ${line}${step === undefined ? '' : ` of ${step}`} by ${spell(at_ms)}`,
    `lines: ${[...new Set(lines.map(({ note }) => note.code))].join(', ')}`,
  );
}

function isNext({ state }: Look, { next, step }: Expectation): Mismatch | null {
  const found = upcoming(state);
  const isFine = found?.what === next && (step === undefined || found?.step === step);
  return mismatch(
    isFine,
    `next: ${next} ${step ?? ''}`.trim(),
    found === null ? 'nothing: the run has ended' : `next: ${found.what} ${found.step ?? ''}`.trim(),
  );
}

function hasProblem({ state }: Look, { problem }: Expectation): Mismatch | null {
  const found = state.failure?.problem.message ?? null;
  return mismatch(
    found?.includes(problem!) ?? false,
    `the run failed with "${problem}"`,
    found === null ? 'the run has not failed' : found,
  );
}

function hasScore({ state }: Look, { score }: Expectation): Mismatch | null {
  const found = scoreOf(state);
  const lost = found.lines.filter(({ got }) => !got).map(({ expect, points, why }) => `${points} lost: ${why ?? expect}`);
  return mismatch(found.points === score, `score ${score} of ${found.of}`, [`score ${found.points} of ${found.of}`, ...lost].join('; '));
}

function isThat({ state }: Look, { that }: Expectation): Mismatch | null {
  try {
    return mismatch(holds(that!, scopeOf(state, {}), { now: state.now }), that!, `it is false`);
  } catch (error) {
    return { wanted: that!, found: (error as Error).message };
  }
}
