import { isTrue } from '../expressions.ts';
import type { Plan } from '../plan.ts';
import type { RunState } from '../state.ts';
import { faults, type Fault, type Script } from './script.ts';

/** The faults and delays of a runbook's `drill.inject` as a script. A word that is no fault is refused by the linter, and ignored here. */
export function drillScript({ drill }: Pick<Plan, 'drill'>): Pick<Script, 'faults' | 'delays'> {
  const inject = drill?.inject ?? [];
  return {
    faults: inject.flatMap(({ at, fault }) => (isFault(fault) ? [{ at, fault }] : [])),
    delays: inject.flatMap(({ at, delay_ms }) => (delay_ms === null ? [] : [{ at, delay_ms }])),
  };
}

function isFault(word: string | null): word is Fault {
  return (faults as readonly (string | null)[]).includes(word);
}

export interface Score {
  readonly points: number;
  readonly of: number;
  readonly lines: readonly { readonly expect: string; readonly points: number; readonly got: boolean; readonly why: string | null }[];
}

/** Points of `drill.score` for a run that has ended. What cannot be read (nobody acknowledged, say) gives none, and says why. */
export function scoreOf(state: RunState): Score {
  const lines = (state.input.plan.drill?.score ?? []).map(({ expect, points }) => {
    const answer = isTrue(state, expect, 'drill.score');
    return 'problem' in answer
      ? { expect, points, got: false, why: answer.problem.message }
      : { expect, points, got: answer.value, why: null };
  });
  return {
    points: lines.reduce((sum, { got, points }) => sum + (got ? points : 0), 0),
    of: lines.reduce((sum, { points }) => sum + points, 0),
    lines,
  };
}
