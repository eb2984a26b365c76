import type { Risk } from '../domain/words.ts';
import { change, clearTimer, land, setTimer, takeOff, type Draft } from './draft.ts';
import { passes } from './judge.ts';
import { marksOf, performOf } from './perform.ts';
import { nodesOf } from './place.ts';
import type { Call, Retry } from './plan.ts';
import type { Outcome, Problem } from './run.ts';
import type { Task, TaskUnit } from './state.ts';

const chunk_max = 50;
const once: Retry = { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null };
/** Telling people is worth some patience; every attempt has its own delivery key on the other side. */
const tellRetry: Retry = { max: 3, delay_ms: 5_000, backoff: 2, until: null, for_ms: null };
const heartbeat_ms = 30_000;

type NewTask = Pick<Task, 'use' | 'role' | 'step' | 'title' | 'call'> & Partial<Pick<Task, 'expect' | 'retry' | 'timeout_ms' | 'units'>>;

export function addTask(draft: Draft, id: string, given: NewTask): void {
  const { expect = null, retry = given.use === 'tell' ? tellRetry : once, timeout_ms = 60_000, units = unitsAt(draft, given.call) } = given;
  const task: Task = { ...given, expect, retry, timeout_ms, units, status: 'due', tries: 0, problem: null };
  put(draft, id, task);
}

/** One unit per node that the call's `on` stands for, so that `on: group` asks every host of the group. */
function unitsAt({ state }: Draft, call: Call): TaskUnit[] {
  return nodesOf(state, call).map((node) => ({ unit: null, node, status: 'due' }));
}

function put(draft: Draft, id: string, task: Task): void {
  change(draft, { tasks: { ...draft.state.tasks, [id]: task } });
}

export function dropTask(draft: Draft, id: string): void {
  const { [id]: _gone, ...tasks } = draft.state.tasks;
  change(draft, { tasks });
  clearTimer(draft, `${id}@retry`);
}

/** Sends a task that is due, cut into performs. */
export function launchTask(draft: Draft, id: string): void {
  const task = draft.state.tasks[id]!;
  if (task.status !== 'due') return;
  const tries = task.tries + 1;
  const due = task.units.flatMap((unit, index) => (unit.status === 'due' ? [index] : []));
  const size = riskOf(task) === 'destructive' ? 1 : chunk_max;
  put(draft, id, {
    ...task,
    status: 'running',
    tries,
    units: task.units.map((unit) => (unit.status === 'due' ? { ...unit, status: 'running' } : unit)),
  });
  for (let from = 0; from < due.length; from += size) {
    const name = due.length > size ? `${id}[${from / size + 1}]#${tries}` : `${id}#${tries}`;
    send(draft, { id, name, indexes: due.slice(from, from + size), tries });
  }
  conclude(draft, id);
}

function riskOf(task: Task): Risk {
  return task.use === 'check' || task.use === 'tell' ? 'read' : 'change';
}

function send(draft: Draft, { id, name, indexes, tries }: { id: string; name: string; indexes: readonly number[]; tries: number }): void {
  const task = draft.state.tasks[id]!;
  const { run } = draft.state.input;
  const marks = marksOf(task.units.map(({ node }) => node));
  const seats = indexes.map((index) => {
    const { unit, node } = task.units[index]!;
    return { unit: unit === null ? null : draft.state.steps[task.step]!.units[unit]!, node, key: `${run}/${id}${marks[index]}#${tries}` };
  });
  const perform = performOf(draft.state, { ...task, id: name, seats, risk: riskOf(task), idempotent: true, heartbeat_ms });
  if ('problem' in perform) {
    mark(draft, id, new Map(indexes.map((index) => [index, { status: 'failed' as const, problem: perform.problem }])));
    return;
  }
  takeOff(draft, name, { kind: 'task', of: id, units: indexes, nodes: seats.map((seat) => seat.node), then_run: false });
  draft.actions.push({ type: 'perform', perform: perform.value });
}

function mark(
  draft: Draft,
  id: string,
  found: ReadonlyMap<number, { readonly status: TaskUnit['status']; readonly problem: Problem | null }>,
): void {
  const task = draft.state.tasks[id]!;
  const units = task.units.map((unit, index) => (found.has(index) ? { ...unit, status: found.get(index)!.status } : unit));
  const problem = [...found.values()].find((each) => each.problem !== null)?.problem ?? task.problem;
  put(draft, id, { ...task, units, problem });
}

export function taskOutcome(draft: Draft, flight: string, outcomes: readonly Outcome[]): void {
  const { of, units } = draft.state.flights[flight]!;
  land(draft, flight);
  const task = draft.state.tasks[of];
  if (task === undefined) return;
  const found = units.map((index, place) => {
    const origin = task.units[index]!.unit;
    const unit = origin === null ? null : draft.state.steps[task.step]!.units[origin]!;
    const problem = passes(draft.state, { expect: task.expect, what: `expect of "${task.step}"`, outcome: outcomes[place], unit });
    return [index, { status: problem === null ? ('ok' as const) : ('failed' as const), problem }] as const;
  });
  mark(draft, of, new Map(found));
  conclude(draft, of);
}

function conclude(draft: Draft, id: string): void {
  const task = draft.state.tasks[id]!;
  if (task.units.some((unit) => unit.status === 'running')) return;
  if (task.units.every((unit) => unit.status === 'ok')) return put(draft, id, { ...task, status: 'ok', problem: null });
  const { retry, tries } = task;
  const isLast = tries >= retry.max || task.problem?.kind === 'refused' || (draft.state.abort !== null && draft.state.phase === 'draining');
  if (isLast) return put(draft, id, { ...task, status: 'failed' });
  put(draft, id, { ...task, status: 'delayed' });
  const at = draft.at + Math.round(retry.delay_ms * retry.backoff ** (tries - 1));
  setTimer(draft, `${id}@retry`, { kind: 'task', of: id, at, units: [] });
}

export function taskAgain(draft: Draft, id: string): void {
  const task = draft.state.tasks[id];
  if (task?.status !== 'delayed') return;
  put(draft, id, {
    ...task,
    status: 'due',
    units: task.units.map((unit) => (unit.status === 'failed' ? { ...unit, status: 'due' } : unit)),
  });
}
