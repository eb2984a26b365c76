import { change, clearTimer, note, setTimer, type Draft } from './draft.ts';
import type { LockState, RunState } from './state.ts';

/** A step that waits longer for its lock fails: two runs that hold each other's lock must not wait for ever. */
const wait_ms_max = 600_000;
const run = '';

function put(draft: Draft, name: string, lock: LockState | null): void {
  const { [name]: _old, ...rest } = draft.state.locks;
  change(draft, { locks: lock === null ? rest : { ...rest, [name]: lock } });
}

/** The run's own locks are asked for one by one in the order of their names, so that two runs never wait for each other. */
export function askForRun(draft: Draft, name: string): void {
  put(draft, name, { fence: null, holder: run, queue: [] });
  draft.actions.push({ type: 'lock', name });
  note(draft, 'lock.waiting', { values: { name } });
}

export function askForStep(draft: Draft, name: string, step: string): void {
  const lock = draft.state.locks[name];
  if (lock?.holder === run || isInherited(draft.state, name)) return;
  if (lock === undefined) {
    put(draft, name, { fence: null, holder: step, queue: [] });
    draft.actions.push({ type: 'lock', name });
  } else {
    put(draft, name, { ...lock, queue: [...lock.queue, step] });
  }
  note(draft, 'lock.waiting', { step, values: { name } });
  setTimer(draft, `${step}@lock`, { kind: 'lock', of: step, at: draft.at + wait_ms_max, units: [] });
}

function isInherited({ input }: RunState, name: string): boolean {
  return input.held?.includes(name) ?? false;
}

/** What a nested run need not ask for, since this one holds it. */
export function heldNames(state: RunState): readonly string[] {
  const own = Object.entries(state.locks).flatMap(([name, { fence }]) => (fence === null ? [] : [name]));
  return [...new Set([...(state.input.held ?? []), ...own])].sort();
}

export function isHeld(state: RunState, name: string, by: string): boolean {
  if (isInherited(state, name)) return true;
  const lock = state.locks[name];
  return lock !== undefined && lock.fence !== null && (lock.holder === by || lock.holder === run);
}

export function granted(draft: Draft, name: string, fence: number): void {
  const lock = draft.state.locks[name];
  if (lock === undefined) {
    draft.actions.push({ type: 'unlock', name });
    return;
  }
  if (lock.fence !== null) return;
  put(draft, name, { ...lock, fence });
  hand(draft, name, lock.holder, fence);
}

function hand(draft: Draft, name: string, holder: string, fence: number): void {
  if (holder !== run) clearTimer(draft, `${holder}@lock`);
  note(draft, 'lock.granted', { step: holder === run ? null : holder, values: { name, fence } });
}

/** Gives a step's lock to the next step of this run that waits for it, else back to all. */
export function releaseStep(draft: Draft, step: string): void {
  const name = draft.state.steps[step]?.lock ?? null;
  if (name === null) return;
  clearTimer(draft, `${step}@lock`);
  const lock = draft.state.locks[name];
  if (lock === undefined || lock.holder === run) return;
  if (lock.holder !== step) {
    put(draft, name, { ...lock, queue: lock.queue.filter((other) => other !== step) });
    return;
  }
  const [next, ...queue] = lock.queue;
  if (next === undefined) return giveBack(draft, name);
  put(draft, name, { ...lock, holder: next, queue });
  if (lock.fence !== null) hand(draft, name, next, lock.fence);
}

export function releaseAll(draft: Draft): void {
  for (const name of Object.keys(draft.state.locks).sort().reverse()) giveBack(draft, name);
}

function giveBack(draft: Draft, name: string): void {
  const held = draft.state.locks[name]?.fence !== null;
  put(draft, name, null);
  draft.actions.push({ type: 'unlock', name });
  if (held) note(draft, 'lock.released', { values: { name } });
}
