import type { ErrorKind } from '../../workflows/domain/words.ts';

export interface TocsinErrorOptions {
  /** Stable word for machines: `E-SSH-HOSTKEY`. */
  readonly code: string;
  /** What to do next, one sentence. */
  readonly hint?: string;
  /** Whether trying again can help. */
  readonly retry?: boolean;
  readonly kind?: ErrorKind;
  readonly cause?: unknown;
}

/** The one family of errors. Message: the action that failed, values quoted, what is and what should be. */
export class TocsinError extends Error {
  override readonly name = 'TocsinError';
  readonly code: string;
  readonly hint: string | null;
  readonly retry: boolean;
  readonly kind: ErrorKind;

  constructor(message: string, options: TocsinErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint ?? null;
    this.retry = options.retry ?? false;
    this.kind = options.kind ?? 'refused';
  }
}
