import type { AlarmTrigger } from '../../workflows/core/plan.ts';
import type { Moment } from '../../workflows/domain/words.ts';

export interface OpenIncident {
  readonly id: string;
  readonly opened_at: Moment;
  /** Its leading run has ended, or it has none. */
  readonly run_over: boolean;
}

export interface Facts {
  readonly now: Moment;
  /** When it began to fire, as the sender says, else when it came. */
  readonly firing_since: Moment;
  readonly runbook: string;
  readonly trigger: Pick<AlarmTrigger, 'for_ms' | 'converge' | 'guard'>;
  /** The open incident that holds the converge key. */
  readonly open: OpenIncident | null;
  /** Runs of the runbook that alarms started within the guard's window. */
  readonly recent_runs: number;
}

/** What becomes of an alarm, with its reason. Pure: time and counts are given. */
export type Decision =
  | { readonly do: 'hold'; readonly due_at: Moment; readonly reason: string }
  | { readonly do: 'join' | 'skip'; readonly incident: string | null; readonly reason: string }
  /** `release`: an incident that must let go of the key first. `hold`: why a person must agree before the run does anything. */
  | { readonly do: 'open'; readonly release: string | null; readonly hold: string | null };

/** How often a held alarm looks whether the incident before it is over. */
const look_again_ms = 5_000;

export function decide(facts: Facts): Decision {
  const due_at = facts.firing_since + facts.trigger.for_ms;
  if (due_at > facts.now)
    return { do: 'hold', due_at, reason: `must fire for ${seconds(facts.trigger.for_ms)} before ${facts.runbook} starts` };
  const converge = facts.trigger.converge ?? { within_ms: Number.POSITIVE_INFINITY, then: 'join' as const };
  const { open } = facts;
  if (open === null) return guarded(facts, null);
  if (facts.now - open.opened_at > converge.within_ms) return guarded(facts, open.id);
  switch (converge.then) {
    case 'join':
      return { do: 'join', incident: open.id, reason: 'joined the open incident of its key' };
    case 'skip':
      return { do: 'skip', incident: open.id, reason: `${open.id} of its key is open` };
    case 'wait':
    case 'queue':
      if (open.run_over) return guarded(facts, open.id);
      return {
        do: 'hold',
        due_at: facts.now + look_again_ms,
        reason: converge.then === 'wait' ? `waits until ${open.id} is over` : `queued behind ${open.id}`,
      };
  }
}

function guarded(facts: Facts, release: string | null): Decision {
  const { guard } = facts.trigger;
  if (guard === null || facts.recent_runs < guard.max_runs) return { do: 'open', release, hold: null };
  const reason = `guard: alarms started ${facts.runbook} ${facts.recent_runs} times within ${seconds(guard.per_ms)}, at most ${guard.max_runs} are allowed`;
  return guard.then === 'skip' ? { do: 'skip', incident: null, reason } : { do: 'open', release, hold: reason };
}

function seconds(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1_000}s`;
}
