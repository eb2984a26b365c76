import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { IncidentInput } from '../workflows/core/people.ts';
import type { RunInput } from '../workflows/core/run.ts';
import { queues, workflowIds, workflowTypes } from '../workflows/messages.ts';

export interface StartOptions {
  /** Only over the worker's own connection: the first task comes back with the answer. */
  readonly eager?: boolean;
  readonly deadline_ms?: number;
}

/** Starts the workflow of a stored run. Started before, even over: nothing happens, so it may be called again at any time. */
export async function startRunWorkflow(client: Client, input: RunInput, options: StartOptions = {}): Promise<void> {
  try {
    await client.withDeadline(Date.now() + (options.deadline_ms ?? 10_000), () =>
      client.workflow.start(workflowTypes.run, {
        workflowId: workflowIds.run(input.run),
        taskQueue: queues.control,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        ...(options.eager ? { requestEagerStart: true } : {}),
        staticSummary: input.plan.title.slice(0, 200),
        memo: { plan_hash: input.plan_hash },
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Starts the workflow of a stored incident; started before, nothing happens. */
export async function startIncidentWorkflow(client: Client, input: IncidentInput, deadline_ms = 10_000): Promise<void> {
  try {
    await client.withDeadline(Date.now() + deadline_ms, () =>
      client.workflow.start(workflowTypes.incident, {
        workflowId: workflowIds.incident(input.incident),
        taskQueue: queues.control,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: input.title.slice(0, 200),
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
