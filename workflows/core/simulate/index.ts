/** The simulated shell: the same machine on a virtual clock, with scripted or seeded answers. A month takes milliseconds. */
import type { Moment } from '../../domain/words.ts';
import type { Note } from '../run.ts';
import { upcoming } from '../machine.ts';
import { openLockTable, type LockTable } from './locks.ts';
import { openPeople, type People } from './people.ts';
import { openQueue, type Queue } from './queue.ts';
import type { SimulateOptions, Simulated } from './script.ts';
import { openRun, type SimulatedRun } from './shell.ts';

export { drillScript, scoreOf, type Score } from './drill.ts';
export { forecast, type Forecast, type ForecastStep } from './forecast.ts';
export {
  faults,
  type Fault,
  type Script,
  type ScriptedAnswer,
  type ScriptedDelay,
  type ScriptedFault,
  type SimulateOptions,
  type Simulated,
  type TimedPage,
} from './script.ts';

const epoch = Date.UTC(2026, 0, 1);
const month_ms = 30 * 86_400_000;
const events_max = 2_000_000;

/** Plays one run to its end, or until nothing moves it any more. */
export function simulate(options: SimulateOptions): Simulated {
  return simulateTogether([options])[0]!;
}

/** Plays several runs that share the clock and the locks. */
export function simulateTogether(all: readonly SimulateOptions[]): Simulated[] {
  const queue = openQueue();
  const locks = openLockTable();
  const opened = all.map((options) => open(options, queue, locks));
  const last = Math.max(...all.map(({ start = epoch, until_ms = month_ms }) => start + until_ms));
  for (let count = 0; count < events_max; count++) {
    const entry = queue.take();
    if (entry === null || entry.at > last) break;
    entry.fire();
  }
  return opened.map(finish);
}

interface Opened {
  readonly start: Moment;
  readonly run: () => SimulatedRun;
  readonly people: People | null;
}

function open(options: SimulateOptions, queue: Queue, locks: LockTable): Opened {
  const { start = epoch, script = {} } = options;
  let run: SimulatedRun | null = null;
  const hasPeople = script.incident !== false;
  let now = start;
  const people: People | null = hasPeople
    ? openPeople({ options, start, queue, acked: (by) => queue.add(now, () => run?.tell({ type: 'acked', at: now, by })) })
    : null;
  for (const { name, until_ms } of script.held ?? []) {
    locks.ask(name, 'somebody else', () => undefined);
    queue.add(start + until_ms, () => locks.release(name, 'somebody else'));
  }
  run = openRun({
    options,
    start,
    queue,
    locks,
    ended: ({ ended }) => people?.tell({ type: 'run', at: ended!.at, run: options.input.run, status: ended!.status }),
  });
  for (const { at_ms, move } of script.moves ?? []) queue.add(start + at_ms, () => run!.tell({ type: 'move', at: start + at_ms, move }));
  for (const { at_ms, move } of script.incident_moves ?? []) {
    queue.add(start + at_ms, () => {
      now = start + at_ms;
      people?.tell({ type: 'move', at: now, move });
    });
  }
  return { start, run: () => run!, people };
}

function finish({ start, run, people }: Opened): Simulated {
  const { actions, events, state: now } = run();
  const state = now();
  const notes = actions.flatMap(({ action }) => (action.type === 'note' ? [action.note] : []));
  const timed = (note: Note, of: 'run' | 'incident') => ({ at_ms: note.at - start, note, of });
  const timeline = [
    ...notes.map((note) => timed(note, 'run')),
    ...(people?.actions ?? []).flatMap((action) => (action.type === 'note' ? [timed(action.note, 'incident')] : [])),
  ];
  return {
    notes,
    actions,
    events,
    state,
    timeline: timeline.sort((a, b) => a.at_ms - b.at_ms),
    pages: people?.pages ?? [],
    incident: people === null ? null : { state: people.state(), actions: people.actions },
    duration_ms: (state.ended?.at ?? state.now) - start,
    stuck: state.ended === null ? upcoming(state) : null,
  };
}
