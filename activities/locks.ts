import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { queues, signals, workflowIds, workflowTypes } from '../workflows/messages.ts';
import type { LockRequest } from '../workflows/shell/locks.ts';

/** Asks for a lock, and brings its workflow to life when nobody asked before. Asking twice is asking once. */
export async function askLock(request: LockRequest): Promise<void> {
  await Context.current().client.workflow.signalWithStart(workflowTypes.lock, {
    workflowId: workflowIds.lock(request.name),
    taskQueue: Context.current().info.taskQueue || queues.control,
    args: [{ name: request.name }],
    signal: signals.acquire,
    signalArgs: [request],
    staticSummary: `lock ${request.name}`.slice(0, 200),
  });
}

/** Whether the one who holds a lock is still at work: its workflow is open and of the same chain. */
export async function describeHolder(holder: LockRequest): Promise<{ readonly open: boolean }> {
  try {
    const found = await Context.current().client.workflow.getHandle(holder.workflow).describe();
    const chain = found.raw.workflowExecutionInfo?.firstRunId;
    return { open: found.status.name === 'RUNNING' && (chain === undefined || chain === null || chain === '' || chain === holder.chain) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { open: false };
    throw error;
  }
}
