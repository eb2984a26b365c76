import {
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { TocsinError } from '../../activities/platform/errors.ts';

export function engineDown(error: unknown): TocsinError {
  return new TocsinError(`reaching the engine: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`, {
    code: 'E-ENGINE-DOWN',
    hint: 'Try again in a few seconds; "tocsin doctor" says what is missing.',
    retry: true,
    cause: error,
  });
}

export interface Update {
  readonly workflow: string;
  readonly update: string;
  readonly id: string;
  readonly argument: unknown;
  /** What is done, for messages: `approve of run-12`. */
  readonly what: string;
  readonly hint: string;
}

/**
 * Sends a validated update and waits for its answer; the id makes it happen once.
 * @throws TocsinError `E-REFUSED-…` when the validator says no, `E-REFUSED-OVER` when the workflow has ended, `E-ENGINE-…` when nobody answers
 */
export async function sendUpdate<T>(client: Client, update: Update): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + 15_000, () =>
      client.workflow
        .getHandle(update.workflow)
        .executeUpdate<T, [unknown]>(update.update, { args: [update.argument], updateId: update.id }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw refused(error, update);
    if (error instanceof WorkflowNotFoundError)
      throw new TocsinError(`${update.what}: it has ended, or has not begun yet`, { code: 'E-REFUSED-OVER', hint: update.hint });
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isDeadline(error)) {
      throw new TocsinError(`${update.what}: the engine took no decision within 15 seconds`, {
        code: 'E-ENGINE-SLOW',
        hint: 'The worker may be down: "tocsin doctor". The same move sent again with the same id happens once.',
        retry: true,
        cause: error,
      });
    }
    throw engineDown(error);
  }
}

function refused(error: WorkflowUpdateFailedError, update: Update): TocsinError {
  const cause = error.cause as (Error & { type?: string }) | undefined;
  const word = (cause?.type ?? 'MOVE').replace(/^E-/, '');
  return new TocsinError(`${update.what}: ${cause?.message ?? error.message}`, { code: `E-REFUSED-${word}`, hint: update.hint });
}

function isDeadline(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === 4;
}
