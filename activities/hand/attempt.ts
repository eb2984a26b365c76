import { Context } from '@temporalio/activity';
import type { Attempt } from './perform.ts';

/**
 * The running activity as an {@link Attempt}. Only a request of the run stops the act; a worker that shuts down, a lost
 * lease or a paused activity lets go of it, and the next attempt takes it up.
 * @param leaving fires when this process is about to end
 */
export function currentAttempt(leaving: AbortSignal): Attempt {
  const context = Context.current();
  const stop = new AbortController();
  const leave = new AbortController();

  function cancelled(): void {
    if (context.cancellationDetails?.cancelRequested === true) stop.abort(context.cancellationSignal.reason);
    else leave.abort();
  }

  if (context.cancellationSignal.aborted) cancelled();
  else context.cancellationSignal.addEventListener('abort', cancelled, { once: true });
  return {
    number: context.info.attempt,
    details: context.info.heartbeatDetails,
    heartbeat: (memory) => context.heartbeat(memory),
    stop: stop.signal,
    leave: AbortSignal.any([leave.signal, leaving]),
  };
}
