import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Loaded } from '../../runbooks/shelf.ts';
import type { ScheduleTrigger } from '../../workflows/core/plan.ts';
import { queues, workflowTypes, type ScheduledRequest } from '../../workflows/messages.ts';

export interface Schedules {
  /** Makes the engine's schedules what the runbooks say; costs nothing when these have not changed. */
  sync(runbooks: readonly Loaded[]): Promise<void>;
}

/** Ours among all schedules of the namespace. */
const prefix = 'tocsin/';
/** The engine catches up at least this far. */
const catchup_ms_min = 10_000;

/** Schedule triggers live in the engine, which keeps them while we are away; the files say which there are. */
export function createSchedules({ client, log }: { readonly client: Client; readonly log: Logger }): Schedules {
  let seen: readonly Loaded[] | null = null;
  /** The engine's list is a little behind: what we made ourselves is remembered. */
  const made = new Set<string>();

  async function put(wanted: ScheduleOptions): Promise<void> {
    const handle = client.schedule.getHandle(wanted.scheduleId);
    try {
      const { memo, state } = await handle.describe();
      if (memo?.['mark'] === wanted.memo?.['mark']) return;
      // Somebody may have paused it; a new cron line does not wake it. The memo cannot be changed, so it is made anew.
      await handle.delete();
      await client.schedule.create({ ...wanted, state: { ...wanted.state, paused: state.paused } });
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      await client.schedule.create(wanted);
    }
    log.info({ schedule: wanted.scheduleId, cron: wanted.spec.cronExpressions }, 'schedule set');
  }

  async function remove(id: string): Promise<void> {
    try {
      await client.schedule.getHandle(id).delete();
      log.info({ schedule: id }, 'schedule removed: its runbook no longer asks for it');
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }

  return {
    async sync(runbooks) {
      if (seen === runbooks) return;
      const wanted = runbooks.flatMap(schedulesOf);
      const known = new Set(wanted.map((one) => one.scheduleId));
      for (const one of wanted) {
        await put(one);
        made.add(one.scheduleId);
      }
      const there = new Set(made);
      for await (const { scheduleId } of client.schedule.list()) there.add(scheduleId);
      for (const id of there) {
        if (!id.startsWith(prefix) || known.has(id)) continue;
        await remove(id);
        made.delete(id);
      }
      seen = runbooks;
    },
  };
}

function schedulesOf({ name, plan }: Loaded): readonly ScheduleOptions[] {
  return plan.triggers
    .filter((trigger): trigger is ScheduleTrigger => trigger.on === 'schedule')
    .map((trigger, index) => scheduleOf(name, trigger, index));
}

function scheduleOf(runbook: string, trigger: ScheduleTrigger, index: number): ScheduleOptions {
  const request: ScheduledRequest = { runbook, when: `schedule "${trigger.cron}" ${trigger.timezone}` };
  return {
    scheduleId: `${prefix}${runbook}/${index}`,
    spec: { cronExpressions: [trigger.cron], timezone: trigger.timezone, jitter: trigger.jitter_ms },
    policies: {
      overlap: trigger.overlap === 'queue' ? ScheduleOverlapPolicy.BUFFER_ALL : ScheduleOverlapPolicy.SKIP,
      catchupWindow: Math.max(trigger.catchup_ms, catchup_ms_min),
    },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.scheduled,
      workflowId: `schedule/${runbook}/${index}`,
      taskQueue: queues.control,
      args: [request],
    },
    memo: { mark: JSON.stringify(trigger) },
  };
}
