/** Nested runs: bound outside the sandbox, run as children of the same type, told to abort when the parent stops. */
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  executeChild,
  isCancellation,
  proxyActivities,
  rootCause,
} from '@temporalio/workflow';
import type { Action, Problem, RunInput } from '../core/run.ts';
import type { RunResult } from '../messages.ts';
import { workflowIds, workflowTypes } from '../messages.ts';

export type ChildAction = Extract<Action, { readonly type: 'child' }>;

/** Argument of the activity `bindRunbook`: which runbook, with what, on whose behalf. */
export interface BindRequest {
  readonly run: string;
  readonly runbook: string;
  readonly version: string | null;
  readonly with: ChildAction['with'];
  readonly parent: Pick<RunInput, 'run' | 'incident' | 'alarm' | 'by' | 'reason' | 'mode'>;
}

interface Hands {
  /** Compiles the runbook, settles its inputs and targets, and notes the run. Fails for good with the reason. */
  bindRunbook(request: BindRequest): Promise<RunInput>;
}

export async function runChild(action: ChildAction, parent: RunInput): Promise<RunResult> {
  try {
    const input = await bind(action, parent);
    return await executeChild<(input: RunInput) => Promise<RunResult>>(workflowTypes.run, {
      args: [input],
      workflowId: workflowIds.run(action.run),
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: input.plan.title.slice(0, 200),
    });
  } catch (error) {
    if (isCancellation(error)) return { status: 'aborted', out: {}, problem: problemOf(action, 'cancelled', 'it was stopped') };
    return { status: 'failed', out: {}, problem: problemOf(action, 'refused', rootCause(error) ?? String(error), hintOf(error)) };
  }
}

async function bind(action: ChildAction, parent: RunInput): Promise<RunInput> {
  const { bindRunbook } = proxyActivities<Hands>({
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: '5 seconds' },
    summary: `bind ${action.runbook}`,
  });
  const { run, incident, alarm, by, reason, mode } = parent;
  const bound = await bindRunbook({
    run: action.run,
    runbook: action.runbook,
    version: action.version,
    with: action.with,
    parent: { run, incident, alarm, by, reason, mode },
  });
  // The locks of the runs above are held for it: asking again would wait for its own parent for ever.
  return { ...bound, held: action.held };
}

function problemOf(action: ChildAction, kind: Problem['kind'], why: string, hint: string | null = null): Problem {
  return { kind, message: `Running runbook "${action.runbook}" as "${action.run}" failed: ${why}`, hint };
}

function hintOf(error: unknown): string | null {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) return null;
  const hint = cause.details?.[0];
  return typeof hint === 'string' ? hint : null;
}
