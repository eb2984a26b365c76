/** Between the pure machine and the engine: events go in one by one, actions become activities, timers, children and signals. */
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import { begin, legal, next, upcoming, view } from '../core/machine.ts';
import type { RunState } from '../core/state.ts';
import type { Action, Move, Outcome, Perform, RunEvent, RunInput } from '../core/run.ts';
import type { MoveAnswer, RunResult, RunView } from '../messages.ts';
import { runChild } from './children.ts';
import type { ChildAction } from './children.ts';
import { openClock } from './clock.ts';
import { openLocks } from './locks.ts';
import type { LockGrant, LocksHeld } from './locks.ts';
import { performAll } from './perform.ts';
import { openRecorder } from './recorder.ts';
import type { Counts } from './recorder.ts';

/** What a run hands to the next run of its chain; its input travels beside it. */
export interface Carried {
  readonly state: Omit<RunState, 'input'>;
  readonly counts: Counts;
  readonly timers: { readonly [id: string]: number };
  readonly locks: LocksHeld;
}

type End = Extract<Action, { readonly type: 'end' }>;

export interface Shell {
  readonly start: () => void;
  readonly move: (move: Move) => MoveAnswer;
  /** Throws the reason why a move is not possible now. */
  readonly check: (move: Move) => void;
  readonly granted: (grant: LockGrant) => void;
  readonly acked: (by: string) => void;
  /** The workflow was cancelled from outside: that is an abort. */
  readonly cancelled: () => void;
  readonly view: () => RunView;
  readonly over: () => boolean;
  /** Nothing is under way that only this run of the chain could hear of. */
  readonly quiet: () => boolean;
  readonly carry: () => Carried;
  readonly recorded: () => Promise<void>;
  readonly addNote: (code: string, values: { [key: string]: string }) => void;
  readonly letGo: () => Promise<void>;
  readonly result: () => RunResult;
  readonly fault: () => string | null;
  /** Acts under way, nested runs included. */
  readonly flying: () => number;
}

export function openShell(input: RunInput, carried: Carried | null): Shell {
  let state: RunState | null = carried === null ? null : { ...carried.state, input };
  let end: End | null = null;
  let fault: string | null = null;
  const shelter = new CancellationScope({ cancellable: false });
  const flights = new Map<string, CancellationScope>();
  const clock = openClock((id, at) => dispatch({ type: 'timer', at, id }));
  const locks = openLocks(carried?.locks ?? null);
  const recorder = openRecorder({ run: input.run, incident: input.incident, from: carried?.counts ?? { seq: 0, save: 0 }, now: snapshot });

  function snapshot() {
    const at = Date.now();
    const ended =
      fault !== null
        ? ({ status: 'failed', problem: { kind: 'refused', message: fault, hint: faultHint }, at } as const)
        : end !== null
          ? { status: end.status, problem: end.problem, at }
          : null;
    return { view: viewNow(), next: ended === null && state !== null ? upcoming(state) : null, ended };
  }

  function viewNow(): RunView {
    if (state === null) return { run: input.run, status: 'running', next: null, steps: [] };
    const seen = view(state);
    return fault === null ? seen : { ...seen, status: 'failed', next: null };
  }

  /** Whoever brings the event, what follows from it belongs to the run: the end of one flight must not cancel what comes next. */
  function dispatch(event: RunEvent): void {
    void shelter.run(async () => handle(event));
  }

  function handle(event: RunEvent): void {
    if (end !== null || fault !== null) return;
    try {
      const turn = state === null ? begin(input, event.at) : next(state, event);
      state = turn.state;
      for (const action of turn.actions) act(action);
    } catch (error) {
      fail(event, error);
    }
    recorder.touch();
  }

  /** A mistake in the machine must not become an endless retry of the engine: the run ends, and people see why. */
  function fail(event: RunEvent, error: unknown): void {
    fault = `Run "${input.run}" of runbook "${input.plan.runbook}" stopped: the machine failed on "${event.type}": ${String(error)}`;
    recorder.add({ at: event.at, code: 'run.fault', step: null, node: null, by: null, values: { message: fault } });
    for (const scope of flights.values()) scope.cancel();
  }

  function act(action: Action): void {
    switch (action.type) {
      case 'perform':
        return fly(action.perform.id, () => performed(action.perform));
      case 'child':
        return fly(action.id, () => childEnded(action));
      case 'cancel':
        return flights.get(action.id)?.cancel();
      case 'timer':
        return clock.set(action.id, action.at);
      case 'untimer':
        return clock.clear(action.id);
      case 'lock':
        return locks.take(action.name);
      case 'unlock':
        return void locks.give(action.name);
      case 'note':
        return recorder.add(action.note);
      case 'end':
        end = action;
    }
  }

  function fly(id: string, work: () => Promise<void>): void {
    const scope = new CancellationScope();
    flights.set(id, scope);
    void scope.run(work);
  }

  async function performed(perform: Perform): Promise<void> {
    const outcomes: readonly Outcome[] = await performAll(perform);
    flights.delete(perform.id);
    dispatch({ type: 'outcome', at: Date.now(), id: perform.id, outcomes });
  }

  async function childEnded(action: ChildAction): Promise<void> {
    const ended = await runChild(action, input);
    flights.delete(action.id);
    const problem = ended.problem as End['problem'];
    dispatch({ type: 'child', at: Date.now(), id: action.id, status: ended.status, out: ended.out, problem });
  }

  return {
    start() {
      if (carried === null) return dispatch({ type: 'start', at: Date.now() });
      for (const [id, at] of Object.entries(carried.timers)) clock.set(id, at);
    },
    move(move) {
      dispatch({ type: 'move', at: Date.now(), move });
      return { accepted: true, status: viewNow().status };
    },
    check(move) {
      const reason = state === null || end !== null || fault !== null ? `Run "${input.run}" has ended` : legal(state, move);
      if (reason !== null) throw ApplicationFailure.nonRetryable(reason, 'E-MOVE');
    },
    granted(grant) {
      if (locks.hear(grant)) dispatch({ type: 'locked', at: Date.now(), name: grant.name, fence: grant.fence });
    },
    acked: (by) => dispatch({ type: 'acked', at: Date.now(), by }),
    cancelled() {
      const move: Move = { id: 'cancelled', by: 'engine', reason: 'the workflow was cancelled', kind: 'abort' };
      if (state !== null && legal(state, move) === null) dispatch({ type: 'move', at: Date.now(), move });
    },
    view: viewNow,
    over: () => end !== null || fault !== null,
    quiet: () => flights.size === 0 && recorder.idle() && !locks.busy(),
    carry() {
      if (state === null) throw ApplicationFailure.nonRetryable('A run that has not begun cannot be continued', 'E-MACHINE');
      const { input: _, ...rest } = state;
      return { state: rest, counts: recorder.counts(), timers: clock.pending(), locks: locks.held() };
    },
    recorded: recorder.drained,
    addNote(code, values) {
      recorder.add({ at: Date.now(), code, step: null, node: null, by: null, values });
      recorder.touch();
    },
    letGo: locks.giveAll,
    result() {
      const out = Object.fromEntries(
        viewNow()
          .steps.filter((step) => step.out !== null)
          .map((step) => [step.id, step.out]),
      );
      return { status: end?.status ?? 'failed', out, problem: end?.problem ?? null };
    },
    fault: () => fault,
    flying: () => flights.size,
  };
}

const faultHint = 'Look at the hosts yourself, then start the runbook again; report this message, it is a defect';
