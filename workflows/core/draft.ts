import type { JsonMap, Moment } from '../domain/words.ts';
import type { Code } from './codes.ts';
import type { Plan, Step } from './plan.ts';
import type { Action, Problem } from './run.ts';
import type { Flight, RunState, StepState, Timer, UnitState } from './state.ts';

/**
 * Where one event is worked on: the state so far and what the shell must do, in order. Never leaves the machine.
 * `state` and its `steps` are copies of this draft alone and change in place; everything below them is replaced, never changed.
 */
export interface Draft {
  readonly state: RunState;
  readonly actions: Action[];
  readonly at: Moment;
  /** Grows with every change: the machine rests when it stands still. */
  version: number;
}

export function draftOf(state: RunState, at: Moment): Draft {
  return { state: { ...state, steps: { ...state.steps } }, actions: [], at, version: 0 };
}

const byId = new WeakMap<Plan, Map<string, Step>>();

/** The step of that id. Plans never change, so the index is kept beside them. */
export function stepOf(draft: Draft | RunState, id: string): Step {
  const step = findStep('state' in draft ? draft.state : draft, id);
  if (step === undefined) throw new Error(`the plan has no step "${id}"`);
  return step;
}

export function findStep(state: RunState, id: string): Step | undefined {
  const { plan } = state.input;
  let index = byId.get(plan);
  if (index === undefined) {
    index = new Map(plan.steps.map((step) => [step.id, step]));
    byId.set(plan, index);
  }
  return index.get(id);
}

export function change(draft: Draft, part: Partial<Omit<RunState, 'steps'>>): void {
  Object.assign(draft.state, part);
  draft.version++;
}

export function changeStep(draft: Draft, id: string, part: Partial<StepState>): void {
  const steps = draft.state.steps as { [id: string]: StepState };
  steps[id] = { ...steps[id]!, ...part };
  draft.version++;
}

/** Several units of a step at once: the list is copied once, however many change. */
export function changeUnits(draft: Draft, id: string, changes: ReadonlyMap<number, Partial<UnitState>>): void {
  if (changes.size === 0) return;
  const units = draft.state.steps[id]!.units.slice();
  for (const [index, part] of changes) units[index] = { ...units[index]!, ...part };
  changeStep(draft, id, { units });
}

export interface NoteOptions {
  readonly step?: string | null;
  readonly node?: string | null;
  readonly by?: string | null;
  readonly values?: JsonMap;
}

export function note(draft: Draft, code: Code, options: NoteOptions = {}): void {
  const { step = null, node = null, by = null, values = {} } = options;
  draft.actions.push({ type: 'note', note: { at: draft.at, code, step, node, by, values } });
}

export function setTimer(draft: Draft, id: string, timer: Timer): void {
  change(draft, { timers: { ...draft.state.timers, [id]: timer } });
  draft.actions.push({ type: 'timer', id, at: timer.at });
}

/** Takes a timer off the list; `tell` when it has not fired, so that the shell drops it too. */
export function clearTimer(draft: Draft, id: string, tell = true): void {
  if (draft.state.timers[id] === undefined) return;
  const { [id]: _gone, ...timers } = draft.state.timers;
  change(draft, { timers });
  if (tell) draft.actions.push({ type: 'untimer', id });
}

export function clearTimersOf(draft: Draft, of: string): void {
  for (const [id, timer] of Object.entries(draft.state.timers)) {
    if (timer.of === of) clearTimer(draft, id);
  }
}

export function takeOff(draft: Draft, id: string, flight: Flight): void {
  change(draft, { flights: { ...draft.state.flights, [id]: flight } });
}

export function land(draft: Draft, id: string): void {
  const { [id]: _gone, ...flights } = draft.state.flights;
  change(draft, { flights });
}

export function flightsOf(state: RunState, of: string, task = false): [string, Flight][] {
  return Object.entries(state.flights).filter(([, flight]) => flight.of === of && (flight.kind === 'task') === task);
}

export function refused(message: string, hint: string | null = null): Problem {
  return { kind: 'refused', message, hint };
}
