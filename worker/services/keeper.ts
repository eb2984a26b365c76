import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { TocsinError } from '../../activities/platform/errors.ts';
import { openLog, tailOf } from './logs.ts';
import type { Part } from './part.ts';
import type { Place } from './place.ts';
import { processId, stopProcess } from './process.ts';
import type { ProcessId } from './process.ts';
import { clearState, writeState } from './state.ts';
import type { PartState } from './state.ts';

const backoff_ms = { first: 100, most: 5_000 } as const;
/** A part that ran this long is healthy again: the next death starts at the first delay. */
const healthy_ms = 30_000;

export interface Keeper {
  /** Starts the part and waits until it is ready. Throws when it cannot come up at all. */
  readonly start: () => Promise<void>;
  /** Ends it and starts it no more. */
  readonly stop: () => Promise<void>;
  readonly state: () => PartState;
  readonly pid: () => number | null;
}

export interface KeeperOptions {
  readonly part: Part;
  readonly place: Place;
  readonly say: (line: string) => void;
}

/** Keeps one part alive: what dies is started again, at once and then ever slower up to every 5 s. */
export function keep({ part, place, say }: KeeperOptions): Keeper {
  let state: PartState = 'down';
  let running: ProcessId | null = null;
  let restarts = 0;
  let delay = 0;
  let lastEnd: string | null = null;
  let stopping = false;
  let spawned = false;
  let timer: NodeJS.Timeout | null = null;
  const supervisor = processId(process.pid)!;

  function note(next: PartState): void {
    state = next;
    writeState(place, {
      name: part.name,
      state,
      process: running,
      supervisor,
      since: new Date().toISOString(),
      restarts,
      last_end: lastEnd,
      port: part.port,
    });
  }

  async function launch(): Promise<void> {
    const log = openLog(place.log(part.name));
    let child: ChildProcess;
    spawned = false;
    try {
      child = await part.launch(log);
    } finally {
      closeSync(log);
    }
    spawned = true;
    // Told to stop while the part was still getting its program: nobody else knows of this child.
    if (stopping) child.kill('SIGKILL');
    const begun = Date.now();
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, name) => resolve(name === null ? `exit code ${code}` : `signal ${name}`));
    });
    running = child.pid === undefined ? null : processId(child.pid);
    note('starting');
    void ended.then((how) => onEnd(how, begun));
    await Promise.race([part.ready(child), ended.then((how) => Promise.reject(diedEarly(how)))]);
    if (!stopping) note('running');
  }

  function diedEarly(how: string): TocsinError {
    const tail = tailOf(place.log(part.name), 3).join(' | ').slice(0, 600);
    return new TocsinError(`the ${part.name} ended while it was starting (${how})${tail ? `: ${tail}` : ''}`, {
      code: 'E-PART-START',
      retry: true,
      hint: `Read ${place.log(part.name)}; tocsin doctor names the usual causes.`,
    });
  }

  function onEnd(how: string, begun: number): void {
    running = null;
    if (stopping) return;
    lastEnd = how;
    const firstStart = state === 'starting' && restarts === 0;
    // The caller of start() is told and decides.
    if (firstStart) return note('down');
    if (Date.now() - begun > healthy_ms) delay = 0;
    again(`the ${part.name} ended (${how})`);
  }

  function again(why: string): void {
    restarts += 1;
    delay = delay === 0 ? backoff_ms.first : Math.min(delay * 2, backoff_ms.most);
    say(`${why}: starting it again in ${delay / 1000} s`);
    note('waiting');
    const died = Date.now();
    timer = setTimeout(() => {
      if (stopping) return;
      launch().then(
        () => say(`the ${part.name} came back after ${((Date.now() - died) / 1000).toFixed(1)} s (restart ${restarts})`),
        (error: Error) => {
          if (stopping) return;
          // A child that died was seen by onEnd already; one that lives but does not work is ended, and seen then.
          if (!spawned) again(error.message);
          else if (running !== null) void stopProcess(running, part.stop);
        },
      );
    }, delay);
  }

  async function stop(): Promise<void> {
    stopping = true;
    if (timer) clearTimeout(timer);
    if (running !== null) {
      note('stopping');
      const how = await stopProcess(running, part.stop);
      if (how === 'killed') say(`the ${part.name} did not end within ${part.stop.grace_ms / 1000} s and was killed`);
    }
    state = 'down';
    clearState(place, part.name);
  }

  return { start: launch, stop, state: () => state, pid: () => running?.pid ?? null };
}
