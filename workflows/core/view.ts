import type { RunView } from '../messages.ts';
import type { RunStatus } from '../domain/words.ts';
import { stepOf } from './draft.ts';
import type { Next } from './run.ts';
import type { RunState, Vote } from './state.ts';

/** What screens show of a run. */
export function view(state: RunState): RunView {
  const steps = state.input.plan.steps.map(({ id, title }) => {
    const { status, units, problem, out, started_at, ended_at } = state.steps[id]!;
    const done = units.filter((unit) => unit.status === 'ok' || unit.status === 'failed').length;
    return { id, title, status, done, of: units.length, problem: problem?.message ?? null, out, started_at, ended_at };
  });
  return { run: state.input.run, status: statusOf(state), next: upcoming(state), steps };
}

export function statusOf(state: RunState): RunStatus {
  if (state.ended !== null) return state.ended.status;
  if (state.paused) return 'paused';
  if (state.phase === 'held') return 'waiting';
  if (state.undo !== null) return 'undoing';
  if (state.phase === 'reacting' || state.phase === 'finishing' || state.phase === 'closing') return 'finishing';
  const all = Object.values(state.steps).map(({ status }) => status);
  if (all.includes('running')) return 'running';
  return all.includes('waiting') || all.includes('asking') ? 'waiting' : 'running';
}

/** What happens next, when, and who can change it; a person's decision first, since only that one does not come by itself. */
export function upcoming(state: RunState): Next | null {
  if (state.ended !== null) return null;
  if (state.paused) return { what: 'decision', step: null, at: null, values: { moves: ['resume', 'abort'] } };
  if (state.hold !== null) return approval('start', null, state.hold);
  return decision(state) ?? question(state) ?? afterwards(state) ?? clock(state) ?? lock(state) ?? work(state);
}

function decision(state: RunState): Next | null {
  const step = state.input.plan.steps.find(({ id }) => state.steps[id]!.status === 'asking');
  if (step === undefined) return null;
  const message = state.steps[step.id]!.problem?.message ?? null;
  return {
    what: 'decision',
    step: step.id,
    at: null,
    values: { title: step.title, message, moves: ['retry', 'skip', 'take_over', 'abort'] },
  };
}

function question(state: RunState): Next | null {
  const step = state.input.plan.steps.find(({ id }) => state.steps[id]!.status === 'waiting' && state.steps[id]!.vote !== null);
  if (step === undefined) return null;
  const { vote } = state.steps[step.id]!;
  const at = state.timers[`${step.id}@vote`]?.at ?? null;
  if (step.call.kind === 'manual')
    return { what: 'decision', step: step.id, at, values: { title: step.title, ask: vote!.ask, moves: ['confirm', 'skip', 'abort'] } };
  return approval(step.id, at, vote!);
}

function approval(step: string, at: number | null, vote: Vote): Next {
  const { ask, role, quorum, by, on_timeout } = vote;
  return {
    what: 'approval',
    step,
    at,
    values: { ask, role, quorum, votes: by.length, then: at === null ? null : on_timeout, moves: ['approve', 'reject'] },
  };
}

/** The steps are over: undo, reactions, the end. */
function afterwards(state: RunState): Next | null {
  if (state.undo !== null && state.undo.length > 0) {
    const step = stepOf(state, state.undo[0]!);
    return { what: 'undo', step: step.id, at: null, values: { title: step.title, left: state.undo.length } };
  }
  if (state.phase === 'reacting' || state.phase === 'finishing' || state.phase === 'closing')
    return { what: 'end', step: null, at: null, values: { phase: state.phase } };
  return null;
}

/** A time that comes by itself, unless something under way is in front of it. */
function clock(state: RunState): Next | null {
  if (Object.values(state.flights).some((flight) => flight.kind !== 'task')) return null;
  const soonest = Object.values(state.timers)
    .sort((a, b) => a.at - b.at)
    .find(({ kind }) => kind === 'retry' || kind === 'wait');
  if (soonest === undefined) return null;
  const { title } = stepOf(state, soonest.of);
  return { what: soonest.kind === 'retry' ? 'retry' : 'timer', step: soonest.of, at: soonest.at, values: { title } };
}

function lock(state: RunState): Next | null {
  const waiting = Object.entries(state.locks).find(([, { fence }]) => fence === null);
  if (waiting === undefined) return null;
  const [name, { holder }] = waiting;
  return { what: 'lock', step: holder === '' ? null : holder, at: state.timers[`${holder}@lock`]?.at ?? null, values: { name } };
}

function work(state: RunState): Next {
  const { steps } = state.input.plan;
  const running = steps.filter(({ id }) => state.steps[id]!.status === 'running').map(({ id }) => id);
  const pending = steps.find(({ id }) => state.steps[id]!.status === 'pending');
  if (pending === undefined || state.failure !== null || state.abort !== null)
    return { what: 'end', step: null, at: null, values: { after: running } };
  return { what: 'step', step: pending.id, at: null, values: { title: pending.title, after: running } };
}
