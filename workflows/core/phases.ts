import { runChecks } from './checks.ts';
import { change, changeUnits, flightsOf, note, stepOf, type Draft } from './draft.ts';
import { end, over, stopUnits } from './fan-out.ts';
import { withdraw } from './finish.ts';
import { launch } from './launch.ts';
import { releaseAll } from './locks.ts';
import { react } from './react.ts';
import type { EndStatus } from '../domain/words.ts';
import { lockRun, schedule } from './schedule.ts';
import type { RunState, UnitState } from './state.ts';
import { dropTask, launchTask } from './task.ts';

const passes_max = 100_000;

/** Goes on until nothing more can be done without news from outside. */
export function pump(draft: Draft): void {
  for (let pass = 0; pass < passes_max; pass++) {
    const before = draft.version;
    launchTasks(draft);
    phase(draft);
    if (draft.version === before || draft.state.ended !== null) return;
  }
  throw new Error(`the machine did not come to rest in phase "${draft.state.phase}"`);
}

function launchTasks(draft: Draft): void {
  for (const [id, task] of Object.entries(draft.state.tasks)) {
    if (task.use === 'tell') tellTask(draft, id);
    else if (task.status === 'due' && !draft.state.paused && draft.state.phase !== 'draining') launchTask(draft, id);
  }
}

/** People are told also while a run is paused. */
function tellTask(draft: Draft, id: string): void {
  const task = draft.state.tasks[id]!;
  if (task.status === 'due') return launchTask(draft, id);
  if (task.status !== 'ok' && task.status !== 'failed') return;
  dropTask(draft, id);
  if (task.status === 'failed')
    note(draft, 'tell.failed', { step: task.step, values: { to: task.call.args['to'] ?? null, message: task.problem?.message ?? '' } });
}

function phase(draft: Draft): void {
  const { phase: now, paused } = draft.state;
  if (now === 'locking') return lockRun(draft);
  if (now === 'steps') return schedule(draft);
  if (now === 'checking')
    return void (runChecks(draft, 'after') && draft.state.phase === 'checking' && change(draft, { phase: 'finishing', reaction: 0 }));
  if (now === 'draining') return drain(draft);
  if (now === 'reacting' && !paused) return void (react(draft, 'on_failure') && change(draft, { phase: 'finishing', reaction: 0 }));
  if (now === 'finishing' && !paused) return void (react(draft, 'finally') && change(draft, { phase: 'closing' }));
  if (now === 'closing') return close(draft);
}

/** A failed run that is paused stays as it is, so that a person can still retry what failed. */
function drain(draft: Draft): void {
  if (draft.state.paused) return;
  for (const step of draft.state.input.plan.steps) drainStep(draft, step.id);
  const busy = draft.state.input.plan.steps.some(({ id }) => ['running', 'asking', 'waiting'].includes(draft.state.steps[id]!.status));
  if (busy || hasActs(draft.state)) return;
  for (const [id, task] of Object.entries(draft.state.tasks)) if (task.use !== 'tell') dropTask(draft, id);
  change(draft, { phase: draft.state.abort === null ? 'reacting' : 'finishing', reaction: 0 });
}

function hasActs(state: RunState): boolean {
  return Object.values(state.flights).some((flight) => flight.kind !== 'task' || state.tasks[flight.of]?.use !== 'tell');
}

function drainStep(draft: Draft, id: string): void {
  const { status, lock } = draft.state.steps[id]!;
  if (status === 'waiting' || (status === 'pending' && lock !== null)) return withdraw(draft, id);
  if (status !== 'running' && status !== 'asking') return;
  stopUnits(draft, id);
  const step = stepOf(draft, id);
  const changes = new Map<number, Partial<UnitState>>();
  for (const [index, unit] of draft.state.steps[id]!.units.entries())
    if (unit.status === 'asking') changes.set(index, { status: 'failed' });
  changeUnits(draft, id, changes);
  if (draft.state.abort === null) launch(draft, step, true);
  if (draft.state.steps[id]!.units.every((unit) => over.has(unit.status)) && flightsOf(draft.state, id).length === 0) end(draft, step);
}

function close(draft: Draft): void {
  if (Object.keys(draft.state.flights).length > 0 || Object.keys(draft.state.tasks).length > 0) return;
  endRun(draft, draft.state.abort !== null ? 'aborted' : draft.state.failure !== null ? 'failed' : 'ok');
}

function endRun(draft: Draft, status: EndStatus): void {
  for (const id of Object.keys(draft.state.timers)) draft.actions.push({ type: 'untimer', id });
  releaseAll(draft);
  const { failure, abort, started_at } = draft.state;
  const stopped =
    abort === null ? null : { kind: 'cancelled' as const, message: `${abort.by} aborted the run: ${abort.reason}`, hint: null };
  const problem = stopped ?? failure?.problem ?? null;
  change(draft, { phase: 'ended', timers: {}, ended: { status, problem, at: draft.at } });
  note(draft, 'run.ended', { values: { status, seconds: (draft.at - started_at) / 1_000, message: problem?.message ?? null } });
  draft.actions.push({ type: 'end', status, problem });
}
