import type { JsonMap } from '../domain/words.ts';
import { change, changeStep, findStep, stepOf, type Draft } from './draft.ts';
import { hasExpression } from './expressions.ts';
import { abortRun } from './failure.ts';
import { skip, succeed } from './finish.ts';
import type { Move } from './run.ts';
import type { RunState, StepState, UnitState, Vote } from './state.ts';
import { approved, rejected } from './steps/approve.ts';
import { unitsOf } from './units.ts';

type OfRun = Extract<Move, { readonly kind: 'pause' | 'resume' | 'abort' }>;

const moveKinds: readonly Move['kind'][] = ['approve', 'reject', 'pause', 'resume', 'skip', 'retry', 'take_over', 'confirm', 'abort'];

/** By its kind alone: what else a client sends along must not turn one move into another. */
export function isOfRun(move: Move): move is OfRun & Move {
  return move.kind === 'pause' || move.kind === 'resume' || move.kind === 'abort';
}

/** Why a move cannot be made now, in words for the person who made it; `null` = it can. */
export function legal(state: RunState, move: Move): string | null {
  if (state.ended !== null) return `the run has ended (${state.ended.status})`;
  if (state.moves.includes(move.id)) return null;
  if (!moveKinds.includes(move.kind)) return `there is no move "${String(move.kind)}"; moves: ${moveKinds.join(', ')}`;
  if (isOfRun(move)) {
    if (move.kind === 'abort') return mayAbort(state);
    if (move.kind === 'resume') return state.paused ? null : 'the run is not paused';
    return state.paused ? 'the run is paused already' : mayPause(state);
  }
  if (move.step === 'start' && state.hold !== null && (move.kind === 'approve' || move.kind === 'reject'))
    return mayVote(state, state.hold, move);
  const step = findStep(state, move.step);
  if (step === undefined)
    return `the runbook has no step "${move.step}"; its steps: ${state.input.plan.steps.map(({ id }) => id).join(', ')}`;
  if (state.abort !== null) return 'the run is being aborted';
  const now = state.steps[move.step]!;
  if (move.kind === 'approve' || move.kind === 'reject') {
    if (step.call.kind !== 'approve') return `step "${move.step}" is of kind ${step.call.kind}, not an approval`;
    return now.status === 'waiting' && now.vote !== null
      ? mayVote(state, now.vote, move)
      : `step "${move.step}" ${tense(now)}; it takes no answer`;
  }
  if (move.kind === 'confirm') {
    if (step.call.kind !== 'manual')
      return `step "${move.step}" is of kind ${step.call.kind}: nothing to confirm; take_over says that you did it by hand`;
    return now.status === 'waiting' && now.vote !== null
      ? mayVote(state, now.vote, move)
      : `step "${move.step}" ${tense(now)}; nothing to confirm`;
  }
  if (move.kind === 'retry') return mayRetry(state, move.step, now, move.args);
  if (step.call.kind === 'approve') return `an approval cannot be passed over: approve or reject "${move.step}"`;
  return mayPass(state, move.step, now);
}

function tense({ status }: StepState): string {
  return status === 'pending' ? 'has not begun' : `is ${status}`;
}

function mayPause(state: RunState): string | null {
  if (state.phase === 'held') return 'the run has not begun: it waits for approval of its start';
  if (state.abort !== null) return 'the run is being aborted';
  return state.phase === 'closing' ? 'the run is ending' : null;
}

function mayAbort(state: RunState): string | null {
  if (state.abort !== null) return `${state.abort.by} has aborted the run already`;
  return state.phase === 'finishing' || state.phase === 'closing' ? 'the run is ending: only its closing steps are left' : null;
}

function mayVote({ input }: RunState, vote: Vote, move: Move): string | null {
  const { roles } = move;
  const isDelegate = vote.delegates.some((name) => name === move.by || roles?.includes(name));
  if (vote.role !== null && roles !== undefined && !roles.includes(vote.role) && !isDelegate)
    return `${move.by} does not hold the role ${vote.role}`;
  if (move.kind === 'reject') return null;
  if (vote.not_requester && move.by === input.by) return `${move.by} started this run; somebody else must approve`;
  return vote.by.includes(move.by) ? `${move.by} has approved already; ${vote.quorum} different people are needed` : null;
}

const over: readonly StepState['status'][] = ['ok', 'continued', 'skipped', 'undone'];

function mayPass(state: RunState, id: string, now: StepState): string | null {
  if (over.includes(now.status)) return `step "${id}" ${tense(now)} already`;
  if (state.phase === 'held') return 'the run waits for approval of its start';
  if (now.status === 'failed') return mayMend(state, id);
  if (state.failure !== null) return 'the run is failing: it runs its on_failure now';
  const isUnderWay = Object.values(state.flights).some((flight) => flight.of === id && flight.kind !== 'task');
  return isUnderWay ? `step "${id}" is under way; wait for its outcome, or abort the run` : null;
}

function mayMend(state: RunState, id: string): string | null {
  if (state.failure?.step === id && state.phase === 'draining' && state.paused) return null;
  return `step "${id}" has failed and the run has gone on to on_failure; a failed step can be mended only while the run is paused`;
}

function mayRetry(state: RunState, id: string, now: StepState, args: JsonMap): string | null {
  if (now.status !== 'asking' && now.status !== 'failed')
    return `step "${id}" ${tense(now)}; only a failed step, or one that asks a person, can be retried`;
  if (now.status === 'failed' && now.units.length === 0) return `step "${id}" never began: its runbook has to be mended`;
  if ('on' in args) return 'the place of a step cannot be changed: people approved these hosts';
  if (hasExpression(args)) return 'arguments given by hand are taken as they are: write the value, not ${{ }}';
  return now.status === 'failed' ? mayMend(state, id) : null;
}

export function applyMove(draft: Draft, move: Move): void {
  if (isOfRun(move)) return move.kind === 'abort' ? abort(draft, move) : change(draft, { paused: move.kind === 'pause' });
  if (move.step === 'start' && draft.state.hold !== null) return answerHold(draft, move);
  if (move.kind === 'approve') return approved(draft, move.step, move.by);
  if (move.kind === 'reject') return rejected(draft, move.step, move.reason, move.by);
  if (move.kind === 'retry') return again(draft, move.step, move.args);
  mend(draft, move.step);
  if (move.kind === 'skip') return skip(draft, move.step, move.reason, move.by);
  done(draft, move.step, move.kind === 'take_over' ? move.out : { by: move.by });
}

function abort(draft: Draft, { by, reason }: Move): void {
  change(draft, { paused: false });
  // Nothing has been done yet, so there is nothing to put in order either.
  if (draft.state.phase !== 'held') return abortRun(draft, by, reason);
  change(draft, { abort: { by, reason }, hold: null, phase: 'closing' });
}

function answerHold(draft: Draft, move: Move): void {
  change(draft, { hold: null });
  if (move.kind === 'approve') return change(draft, { phase: 'locking' });
  change(draft, { abort: { by: move.by, reason: move.reason }, phase: 'closing' });
}

/** The run goes on as if the step had not failed. */
function mend(draft: Draft, id: string): void {
  if (draft.state.failure?.step === id) change(draft, { failure: null, phase: 'steps' });
}

/** A person decides to run again: a new count of tries, a new key, and `done_when` is asked first all the same. */
function again(draft: Draft, id: string, args: JsonMap): void {
  mend(draft, id);
  const { units, wave, override } = draft.state.steps[id]!;
  const isAsked = stepOf(draft, id).done_when !== null;
  const changed = units.map((unit, index): UnitState => {
    if (unit.status === 'dropped') return { ...unit, status: index < wave[1] ? 'due' : 'new' };
    if (unit.status !== 'asking' && unit.status !== 'failed') return unit;
    return { ...unit, status: isAsked && unit.tries > 0 ? 'ask' : 'due', spent: 0, first_at: draft.at };
  });
  const given = Object.keys(args).length === 0 ? override : { ...override, ...args };
  changeStep(draft, id, { status: 'running', units: changed, problem: null, ended_at: null, override: given });
}

/** A person did it: its effect is in the world, so its undo is on the list. */
function done(draft: Draft, id: string, out: JsonMap): void {
  const { units, started_at } = draft.state.steps[id]!;
  const found = units.length > 0 ? { value: units } : unitsOf(draft.state, stepOf(draft, id));
  const all =
    'value' in found
      ? found.value.map((unit): UnitState => (unit.status === 'ok' ? unit : { ...unit, status: 'ok', ran: 'yes', problem: null }))
      : [];
  changeStep(draft, id, { units: all, started_at: started_at ?? draft.at });
  if (!draft.state.begun.includes(id)) change(draft, { begun: [...draft.state.begun, id] });
  succeed(draft, id, out);
}
