import { setTimeout as sleep } from 'node:timers/promises';
import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import type { Logger } from 'pino';
import type { AlarmRow } from '../../activities/records/alarms.ts';
import type { Records } from '../../activities/records/records.ts';
import { failpoint } from '../../activities/platform/failpoint.ts';
import { startIncidentWorkflow, startRunWorkflow } from '../../client/start.ts';
import type { IncidentInput } from '../../workflows/core/people.ts';
import type { RunInput } from '../../workflows/core/run.ts';
import { queues, updates, workflowIds, workflowTypes } from '../../workflows/messages.ts';
import { alarmOf } from './open.ts';

/** Starts what is stored, in the background. What fails stays marked in the records and is swept up later. */
export interface Starter {
  run(input: RunInput): void;
  /** Tells the incident's workflow of the alarm, and starts it when it is not there yet. */
  tell(input: IncidentInput, row: AlarmRow, options?: { readonly later_ms?: number }): void;
  /** Starts an incident's workflow that no alarm brought: one declared by hand. */
  incident(input: IncidentInput): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

const deadline_ms = 15_000;

export function createStarter({
  client,
  records,
  log,
}: {
  readonly client: Client;
  readonly records: Records;
  readonly log: Logger;
}): Starter {
  const underway = new Map<string, Promise<void>>();
  /** One after the other per incident: a workflow takes ten updates at a time, and order matters. */
  const chains = new Map<string, Promise<void>>();

  function begin(key: string, work: () => Promise<void>): void {
    if (underway.has(key)) return;
    const promise = work()
      .catch((error: unknown) => log.warn({ key, err: error }, 'not started, will be tried again'))
      .finally(() => underway.delete(key));
    underway.set(key, promise);
  }

  function chained(incident: string, work: () => Promise<void>): Promise<void> {
    const before = chains.get(incident) ?? Promise.resolve();
    const after = before.catch(() => undefined).then(work);
    chains.set(incident, after);
    void after
      .catch(() => undefined)
      .finally(() => {
        if (chains.get(incident) === after) chains.delete(incident);
      });
    return after;
  }

  function startOperation(input: IncidentInput) {
    return new WithStartWorkflowOperation(workflowTypes.incident, {
      workflowId: workflowIds.incident(input.incident),
      taskQueue: queues.control,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: input.title.slice(0, 200),
    });
  }

  async function tell(input: IncidentInput, row: AlarmRow): Promise<void> {
    try {
      await client.withDeadline(Date.now() + deadline_ms, () =>
        client.workflow.executeUpdateWithStart(updates.alarm, {
          args: [alarmOf(row)],
          updateId: `alarm-${row.id}`,
          startWorkflowOperation: startOperation(input),
        } as never),
      );
    } catch (error) {
      if (!isOver(error)) throw error;
    }
    failpoint('incident-started');
    await Promise.all([records.incidents.started(input.incident), records.alarms.delivered([row.id])]);
  }

  return {
    run(input) {
      begin(`run ${input.run}`, async () => {
        await startRunWorkflow(client, input, { eager: true, deadline_ms });
        failpoint('run-started');
        await records.runs.started(input.run);
      });
    },
    tell(input, row, { later_ms = 0 } = {}) {
      begin(`alarm ${row.id}`, () =>
        chained(input.incident, async () => {
          if (later_ms > 0) await sleep(later_ms);
          await tell(input, row);
        }),
      );
    },
    incident(input) {
      begin(`incident ${input.incident}`, () =>
        chained(input.incident, async () => {
          await startIncidentWorkflow(client, input, deadline_ms);
          await records.incidents.started(input.incident);
        }),
      );
    },
    async idle() {
      while (underway.size > 0) await Promise.all(underway.values());
    },
  };
}

/** The incident was resolved in the meantime: there is nobody left to tell, and nothing to start a second time. */
function isOver(error: unknown): boolean {
  if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError) return true;
  if (error instanceof WorkflowUpdateFailedError) return true;
  return (
    error instanceof Error &&
    /already (started|completed)|ALREADY_EXISTS/i.test(`${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`)
  );
}
