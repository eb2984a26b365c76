import type { Moment } from '../domain/words.ts';
import { askOutcome, doOutcome, retryDue } from './attempt.ts';
import { childOutcome } from './child.ts';
import { change, clearTimer, draftOf, note, stepOf, type Draft } from './draft.ts';
import { fail } from './finish.ts';
import { granted } from './locks.ts';
import { applyMove, isOfRun, legal } from './moves.ts';
import { pump } from './phases.ts';
import type { CheckState, RunState, StepState, Turn } from './state.ts';
import type { Outcome, RunEvent, RunInput } from './run.ts';
import { voteOf, voteTimedOut } from './steps/approve.ts';
import { waitOver } from './steps/wait.ts';
import { taskAgain, taskOutcome } from './task.ts';
import { tell } from './tell.ts';

export type { RunState, Turn } from './state.ts';
export { legal } from './moves.ts';
export { upcoming, view } from './view.ts';

const emptyStep: StepState = {
  status: 'pending',
  started_at: null,
  ended_at: null,
  units: [],
  wave: [0, 0],
  launches: 0,
  asks: 0,
  out: null,
  problem: null,
  vote: null,
  lock: null,
  override: null,
};
const emptyCheck: CheckState = { status: 'waiting', message: null };

/** A run at its first moment, and what is to be done at once. The event `start` is not needed and changes nothing. */
export function begin(input: RunInput, at: Moment): Turn {
  const { plan, hold } = input;
  const state: RunState = {
    engine: input.engine_version,
    input,
    phase: hold === null ? 'locking' : 'held',
    paused: false,
    started_at: at,
    now: at,
    steps: Object.fromEntries(plan.steps.map(({ id }) => [id, emptyStep])),
    flights: {},
    timers: {},
    tasks: {},
    locks: {},
    checks: { before: plan.checks.before.map(() => emptyCheck), after: plan.checks.after.map(() => emptyCheck) },
    begun: [],
    undo: null,
    undone: { ok: 0, failed: 0 },
    reaction: 0,
    failure: null,
    hold: null,
    abort: null,
    acked_at: null,
    ended: null,
    told: 0,
    moves: [],
  };
  const draft = draftOf(state, at);
  note(draft, 'run.started', {
    by: input.by,
    values: { runbook: plan.runbook, version: plan.version, title: plan.title, mode: input.mode, reason: input.reason },
  });
  if (hold !== null) holdRun(draft, hold);
  pump(draft);
  return { state: draft.state, actions: draft.actions };
}

function holdRun(draft: Draft, reason: string): void {
  const vote = voteOf(draft, { title: draft.state.input.plan.title, timeout_ms: null }, { ask: reason, by: { not_requester: false } });
  change(draft, { hold: vote });
  note(draft, 'run.held', { step: 'start', values: { reason } });
  tell(draft, {
    about: 'start',
    to: vote.tell,
    template: 'approval_asked',
    values: { step: 'start', ask: reason, quorum: vote.quorum, until: null },
  });
}

/**
 * One event in, the next state and what to do out. Pure: `state` stays as it was. Events that come late (an outcome of something
 * no longer under way, a timer that was dropped, a move made before) change nothing.
 */
export function next(state: RunState, event: RunEvent): Turn {
  const at = Math.max(state.now, event.at);
  if (state.ended !== null) return { state, actions: event.type === 'locked' ? [{ type: 'unlock', name: event.name }] : [] };
  const draft = draftOf(state, at);
  change(draft, { now: at });
  apply(draft, event);
  pump(draft);
  return { state: draft.state, actions: draft.actions };
}

function apply(draft: Draft, event: RunEvent): void {
  if (event.type === 'outcome') return outcome(draft, event.id, event.outcomes);
  if (event.type === 'child') return outcome(draft, event.id, [childOutcome(event)]);
  if (event.type === 'timer') return timer(draft, event.id);
  if (event.type === 'locked') return granted(draft, event.name, event.fence);
  if (event.type === 'move') return move(draft, event);
  if (event.type === 'acked' && draft.state.acked_at === null) {
    change(draft, { acked_at: draft.at });
    note(draft, 'acked', { by: event.by, values: { seconds: (draft.at - draft.state.started_at) / 1_000 } });
  }
}

/** Hands answer in the order of the units; should one leave units out, the rest is found by node. */
function inOrder(nodes: readonly (string | null)[], outcomes: readonly Outcome[]): readonly Outcome[] {
  if (nodes.length === outcomes.length) return outcomes;
  return nodes.map((node) => outcomes.find((each) => each.node === node)) as readonly Outcome[];
}

function outcome(draft: Draft, id: string, outcomes: readonly Outcome[]): void {
  const flight = draft.state.flights[id];
  if (flight === undefined) return;
  const ordered = inOrder(flight.nodes, outcomes);
  if (flight.kind === 'task') taskOutcome(draft, id, ordered);
  else if (flight.kind === 'ask') askOutcome(draft, id, ordered);
  else doOutcome(draft, id, ordered);
}

function timer(draft: Draft, id: string): void {
  const found = draft.state.timers[id];
  if (found === undefined || found.at > draft.at) return;
  clearTimer(draft, id, false);
  if (found.kind === 'retry') retryDue(draft, found.of, found.units);
  if (found.kind === 'task') taskAgain(draft, found.of);
  if (found.kind === 'vote') voteTimedOut(draft, found.of);
  if (found.kind === 'wait') waitOver(draft, stepOf(draft, found.of));
  if (found.kind === 'lock') lockTimedOut(draft, found.of);
}

function lockTimedOut(draft: Draft, id: string): void {
  const { lock, status } = draft.state.steps[id]!;
  if (lock === null || status !== 'pending') return;
  note(draft, 'lock.timed_out', { step: id, values: { name: lock } });
  fail(draft, id, {
    problem: { kind: 'refused', message: `lock "${lock}" of step "${id}" was not free in time`, hint: 'see who holds it: tocsin runs' },
  });
}

function move(draft: Draft, { move: given }: Extract<RunEvent, { type: 'move' }>): void {
  if (draft.state.moves.includes(given.id)) return;
  const reason = legal(draft.state, given);
  const step = isOfRun(given) ? null : given.step;
  const about = { by: given.by, ...(step === null ? {} : { step }) };
  if (reason !== null) return note(draft, 'move.refused', { step, by: given.by, values: { by: given.by, move: given.kind, step, reason } });
  change(draft, { moves: [...draft.state.moves, given.id] });
  note(draft, `move.${given.kind}`, {
    step,
    by: given.by,
    values: { ...about, reason: given.reason, ...(given.kind === 'retry' ? { args: given.args } : {}) },
  });
  applyMove(draft, given);
}
