import { setTimeout as sleep } from 'node:timers/promises';
import type { AlarmRow } from '../../activities/records/alarms.ts';
import { isDown } from '../../activities/records/pool.ts';
import { listen } from '../../activities/records/listen.ts';
import type { Context, DispatcherOptions } from './context.ts';
import { dispatchFiring } from './firing.ts';
import { createLeader } from './leader.ts';
import { openIncident } from './open.ts';
import { dispatchResolved } from './resolved.ts';
import { createSchedules } from './schedules.ts';
import { createStarter } from './starter.ts';
import { sweep } from './sweep.ts';

export type { DispatcherOptions } from './context.ts';

export interface Dispatcher {
  /** True while this process is the one that dispatches. */
  readonly leads: () => boolean;
  /** Resolves when all that was accepted has been looked at and all starts under way are done. */
  readonly settled: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const batch = 200;
const triesMax = 3;

/**
 * Takes accepted alarms to their incidents and runs, in the order they came. Woken by NOTIFY; one process leads at a time, by a
 * session lock. Everything is stored before it is started, under derived ids, so a crash at any point loses and doubles nothing.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { records, log } = options;
  const context: Context = { ...options, starter: createStarter(options) };
  const leader = createLeader();
  const schedules = createSchedules(options);
  const tries = new Map<number, number>();
  let stopped = false;
  let wanted = false;
  let working: Promise<void> | null = null;
  let leaving: Promise<void> | null = null;
  let syncing: Promise<void> | null = null;

  const listening = listen({
    pool: records.pool,
    channels: ['alarm'],
    onUp: leader.up,
    onDown: (error) => {
      leader.down();
      log.warn({ err: error }, 'the dispatcher has lost the records');
    },
    onWake: wake,
  });
  const timer = setInterval(() => void leader.tryAgain().then(wake, () => undefined), options.poll_ms ?? 1_000);

  function wake(): void {
    wanted = true;
    if (working !== null || stopped || !leader.leads()) return;
    working = work().finally(() => {
      working = null;
      if (wanted && !stopped) setImmediate(wake);
    });
  }

  async function work(): Promise<void> {
    try {
      for (;;) {
        wanted = false;
        const rows = await records.alarms.pending(batch);
        const progress = await round(rows);
        if (stopped || !leader.leads() || rows.length < batch || !progress) break;
      }
      await sweep(context);
      keepSchedules();
    } catch (error) {
      log.warn({ err: error }, 'dispatching is interrupted and will go on');
    }
  }

  /** Beside the alarms, never before them. */
  function keepSchedules(): void {
    syncing ??= schedules
      .sync(options.shelf.all())
      .catch((error: unknown) => log.warn({ err: error }, 'the schedules are not as the runbooks say, and will be set again'))
      .finally(() => (syncing = null));
  }

  /** A key whose alarm failed waits with all its later ones. */
  async function round(rows: readonly AlarmRow[]): Promise<boolean> {
    const blocked = new Set<string>();
    for (const row of rows) {
      if (stopped || !leader.leads()) return false;
      const key = `${row.source} ${row.dedup_key}`;
      if (blocked.has(key)) continue;
      if (!(await one(row))) blocked.add(key);
    }
    return blocked.size < rows.length;
  }

  async function one(row: AlarmRow): Promise<boolean> {
    try {
      await (row.status === 'resolved' ? dispatchResolved(context, row) : dispatchFiring(context, row));
      tries.delete(row.id);
      return true;
    } catch (error) {
      if (isDown(error)) throw error;
      const count = (tries.get(row.id) ?? 0) + 1;
      tries.set(row.id, count);
      log.error({ alarm: row.id, err: error, try: count }, 'an alarm could not be dispatched');
      if (count >= triesMax)
        await giveToPeople(context, row, error as Error).then(
          () => tries.delete(row.id),
          (again: unknown) => log.error({ alarm: row.id, err: again }, 'an alarm could not be given to people'),
        );
      return false;
    }
  }

  async function leave(): Promise<void> {
    stopped = true;
    clearInterval(timer);
    await working;
    // What is still on its way is in the records: who leads next sweeps it up.
    await Promise.race([context.starter.idle(), sleep(2_000, undefined, { ref: false })]);
    await listening.close();
  }

  return {
    leads: leader.leads,
    async settled() {
      for (;;) {
        wake();
        await working;
        if ((await records.alarms.pending(1)).length === 0) break;
        await sleep(20);
      }
      await context.starter.idle();
    },
    stop() {
      leaving ??= leave();
      return leaving;
    },
  };
}

/** Whatever is wrong with an alarm, somebody is told of it. */
async function giveToPeople(context: Context, row: AlarmRow, error: Error): Promise<void> {
  const opened = await openIncident(context, {
    row,
    converge_key: `unhandled ${row.source} ${row.dedup_key}`.slice(0, 1_000),
    runbook: null,
    bound: null,
    hold: null,
    release: null,
    reason: `could not be dispatched: ${error.message}`,
    notes: [{ code: 'intake.problem', values: { runbook: null, message: error.message, hint: null } }],
  });
  if (opened !== null) context.starter.tell(opened.incident, row);
}
