/** One run of one plan: the durable shell. Decisions are the machine's (`core/machine.ts`); this file only drives it. */
import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Move, RunInput } from './core/run.ts';
import { queries, signals, updates, workflowIds } from './messages.ts';
import type { MoveAnswer, RunResult, RunView } from './messages.ts';
import type { LockGrant } from './shell/locks.ts';
import { openShell } from './shell/shell.ts';
import type { Carried, Shell } from './shell/shell.ts';

const stopping = '2 minutes';

/**
 * @param input pinned plan, inputs and targets
 * @param carried only from the run before in the same chain
 * @throws ApplicationFailure `E-MACHINE` if the machine itself fails; everything the world does is in the result
 */
export async function runRunbook(input: RunInput, carried?: Carried): Promise<RunResult> {
  const shell = openShell(input, carried ?? null);
  setHandler(defineQuery<RunView>(queries.state), shell.view);
  // Updates and not signals: a person must hear at once whether the move was possible.
  setHandler(defineUpdate<MoveAnswer, [Move]>(updates.runMove), shell.move, { validator: shell.check });
  setHandler(defineSignal<[LockGrant]>(signals.locked), shell.granted);
  setHandler(defineSignal<[{ readonly by: string }]>(signals.acked), ({ by }) => shell.acked(by));
  CancellationScope.current().cancelRequested.catch(() => shell.cancelled());
  return CancellationScope.nonCancellable(() => drive(shell, input));
}

async function drive(shell: Shell, input: RunInput): Promise<RunResult> {
  shell.start();
  for (;;) {
    await condition(() => shell.over() || (workflowInfo().continueAsNewSuggested && shell.quiet()));
    if (shell.over()) break;
    await condition(() => shell.over() || allHandlersFinished());
    if (!shell.over() && shell.quiet()) await continueAsNew<typeof runRunbook>(input, shell.carry());
  }
  // After a fault what was under way is asked to stop; it is not waited for without end.
  if (shell.flying() > 0) await condition(() => shell.flying() === 0, stopping);
  await shell.letGo();
  await shell.recorded();
  await tellIncident(shell, input);
  await shell.recorded();
  await condition(allHandlersFinished);
  const fault = shell.fault();
  if (fault !== null) throw ApplicationFailure.nonRetryable(fault, 'E-MACHINE');
  return shell.result();
}

async function tellIncident(shell: Shell, input: RunInput): Promise<void> {
  if (input.incident === null) return;
  try {
    await getExternalWorkflowHandle(workflowIds.incident(input.incident)).signal(signals.runEnded, {
      run: input.run,
      status: shell.result().status,
    });
  } catch {
    shell.addNote('incident.gone', { incident: input.incident });
  }
}
