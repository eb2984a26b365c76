import type { Moment } from '../../domain/words.ts';
import { begin, next, type Turn } from '../machine.ts';
import type { Action, RunEvent } from '../run.ts';
import type { RunState } from '../state.ts';
import { openAnswers, type Answer } from './answers.ts';
import type { LockTable } from './locks.ts';
import type { Queue } from './queue.ts';
import { randomFrom } from './random.ts';
import type { SimulateOptions } from './script.ts';

export interface SimulatedRun {
  readonly state: () => RunState;
  readonly tell: (event: RunEvent) => void;
  readonly actions: { readonly at_ms: number; readonly action: Action }[];
  readonly events: RunEvent[];
}

interface RunOptions {
  readonly options: SimulateOptions;
  readonly start: Moment;
  readonly queue: Queue;
  readonly locks: LockTable;
  readonly ended: (state: RunState) => void;
}

const stopped_ms = 1_000;
const hour_ms = 3_600_000;

/** One run on the virtual clock: actions become entries of the queue, the queue becomes events. */
export function openRun({ options, start, queue, locks, ended }: RunOptions): SimulatedRun {
  const { input, script = {}, seed = 1, watch } = options;
  const answers = openAnswers(input.plan, script, randomFrom(seed));
  const actions: SimulatedRun['actions'] = [];
  const events: RunEvent[] = [];
  const timers = new Map<string, Moment>();
  const flights = new Map<string, { readonly cancel: () => void }>();
  let now = start;
  let state: RunState;

  function take(turn: Turn): void {
    state = watch === undefined ? turn.state : watch(turn.state);
    for (const action of turn.actions) act(action);
  }

  function tell(event: RunEvent): void {
    now = Math.max(now, event.at);
    events.push(event);
    take(next(state, event));
  }

  function act(action: Action): void {
    actions.push({ at_ms: now - start, action });
    if (action.type === 'perform') return fly(action.perform.id, answers.to(action.perform));
    if (action.type === 'child') return child(action);
    if (action.type === 'cancel') return flights.get(action.id)?.cancel();
    if (action.type === 'timer') return setTimer(action.id, action.at);
    if (action.type === 'untimer') return void timers.delete(action.id);
    if (action.type === 'lock') return locks.ask(action.name, input.run, (fence) => granted(action.name, fence));
    if (action.type === 'unlock') return locks.release(action.name, input.run);
    if (action.type === 'end') ended(state);
  }

  function granted(name: string, fence: number): void {
    const at = Math.max(now, queue.now());
    queue.add(at, () => tell({ type: 'locked', at, name, fence }));
  }

  /** Once it lands or is cancelled, whichever is first; the other comes to nothing. */
  function land(id: string, after_ms: number, event: (at: Moment) => RunEvent, cancelled: (at: Moment) => RunEvent): void {
    const at = now + Math.min(after_ms, 1_000 * hour_ms);
    let isOver = false;
    const once = (when: Moment, make: (at: Moment) => RunEvent) => () => {
      if (isOver) return;
      isOver = true;
      flights.delete(id);
      tell(make(when));
    };
    flights.set(id, { cancel: () => queue.add(now + stopped_ms, once(now + stopped_ms, cancelled)) });
    queue.add(at, once(at, event));
  }

  function fly(id: string, { outcomes, after_ms }: Answer): void {
    const gone = outcomes.map(({ node }) => ({
      node,
      ok: false,
      result: null,
      problem: { kind: 'cancelled' as const, message: 'stopped on request', hint: null },
      ran: 'yes' as const,
      seconds: 1,
    }));
    land(
      id,
      after_ms,
      (at) => ({ type: 'outcome', at, id, outcomes }),
      (at) => ({ type: 'outcome', at, id, outcomes: gone }),
    );
  }

  function child({ id }: Extract<Action, { type: 'child' }>): void {
    const { fault, out, after_ms } = answers.toChild(state.flights[id]!.of);
    const problem = fault === null ? null : { kind: fault, message: `the nested run failed: ${fault}`, hint: null };
    land(
      id,
      after_ms,
      (at) => ({ type: 'child', at, id, status: fault === null ? 'ok' : 'failed', out, problem }),
      (at) => ({ type: 'child', at, id, status: 'aborted', out: {}, problem: null }),
    );
  }

  function setTimer(id: string, at: Moment): void {
    timers.set(id, at);
    queue.add(at, () => {
      if (timers.get(id) !== at) return;
      timers.delete(id);
      tell({ type: 'timer', at, id });
    });
  }

  take(begin(input, start));
  return { state: () => state, tell, actions, events };
}
