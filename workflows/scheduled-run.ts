import { executeChild, ParentClosePolicy, proxyActivities, WorkflowIdReusePolicy, workflowInfo } from '@temporalio/workflow';
import type { ScheduledActivities } from '../activities/scheduled.ts';
import { workflowIds, workflowTypes, type RunResult, type ScheduledRequest } from './messages.ts';
import type { RunInput } from './core/run.ts';

const { openScheduledRun } = proxyActivities<ScheduledActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: '5 seconds' },
  summary: 'bind the scheduled runbook',
});

/**
 * What a schedule starts: binds the runbook as it is now and stays open as long as its run, so that the schedule knows an overlap.
 * The run outlives it if somebody ends it by hand.
 */
export async function scheduledRun(request: ScheduledRequest): Promise<string> {
  const run = runId(request.runbook, workflowInfo().workflowId);
  const input = await openScheduledRun({ ...request, run });
  if (input === null) return 'not started';
  const result = await executeChild<(input: RunInput) => Promise<RunResult>>(workflowTypes.run, {
    args: [input],
    workflowId: workflowIds.run(run),
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: input.plan.title.slice(0, 200),
  });
  return result.status;
}

/** The engine ends the workflow's id with the time it was due: `schedule/check_disks/0-2026-11-24T03:00:00Z` → `check_disks-20261124T030000Z`. */
function runId(runbook: string, workflowId: string): string {
  const due = /-(\d{4}-\d\d-\d\dT[\d:.]+Z)$/.exec(workflowId)?.[1] ?? workflowId.replace(/^.*\//, '');
  return `${runbook}-${due.replace(/[-:]/g, '')}`;
}
