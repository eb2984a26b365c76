/** Timers of a run, by the machine's ids. */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { Moment } from '../domain/words.ts';

export interface Clock {
  readonly set: (id: string, at: Moment) => void;
  readonly clear: (id: string) => void;
  /** Timers that still run, for the next run of the chain. */
  readonly pending: () => { readonly [id: string]: Moment };
}

/** @param ring told the id and the moment it is: never before the one that was asked for */
export function openClock(ring: (id: string, at: Moment) => void): Clock {
  const timers = new Map<string, { readonly at: Moment; readonly scope: CancellationScope }>();

  function clear(id: string): void {
    const timer = timers.get(id);
    if (timer === undefined) return;
    timers.delete(id);
    timer.scope.cancel();
  }

  function set(id: string, at: Moment): void {
    clear(id);
    const scope = new CancellationScope();
    timers.set(id, { at, scope });
    void scope.run(() => wait(id, at, scope));
  }

  async function wait(id: string, at: Moment, scope: CancellationScope): Promise<void> {
    try {
      // Deadlines are absolute: after an outage a timer that is overdue rings at once.
      await sleep(Math.max(1, at - Date.now()), { summary: id });
    } catch (error) {
      if (isCancellation(error)) return;
      throw error;
    }
    if (timers.get(id)?.scope !== scope) return;
    timers.delete(id);
    ring(id, Math.max(at, Date.now()));
  }

  return { set, clear, pending: () => Object.fromEntries([...timers].map(([id, timer]) => [id, timer.at])) };
}
