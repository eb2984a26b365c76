import { TocsinError } from '../../activities/platform/errors.ts';
import { exit, exitOf } from './exit.ts';
import { safe } from './safe.ts';

/** What is said of an error, for people in four lines and for machines in one object. */
export interface Said {
  readonly error: string;
  readonly why: string | null;
  readonly next: string | null;
  readonly ref: string;
  readonly exit: number;
}

export function usage(message: string, hint: string): TocsinError {
  return new TocsinError(message, { code: 'E-USAGE', hint });
}

export function notFound(message: string, hint: string): TocsinError {
  return new TocsinError(message, { code: 'E-NOT-FOUND', hint });
}

/** House rule: `action that failed: detail`. The part before the colon is the error, the rest is why. */
export function said(error: unknown): Said {
  if (!isOurs(error)) {
    const text = error instanceof Error ? error.message : String(error);
    return {
      error: 'cannot finish the command',
      why: safe(text),
      next: 'report this with the line of `ref`, and the command you typed',
      ref: `E-UNEXPECTED ${firstFrame(error)}`,
      exit: exit.failed,
    };
  }
  const at = /:\s/.exec(error.message);
  const cause = error.cause instanceof Error ? error.cause.message : null;
  const why = at === null ? cause : error.message.slice(at.index + 1).trim();
  return {
    error: safe(at === null ? error.message : error.message.slice(0, at.index)),
    why: why === null ? null : why.split('\n').map(safe).join('\n'),
    next: error.hint === null ? null : safe(error.hint),
    ref: error.code,
    exit: exitOf(error.code),
  };
}

// By shape and not by class: a copy of the class that a bundler or a test loads twice is still one of ours.
function isOurs(error: unknown): error is TocsinError {
  return error instanceof TocsinError || (error instanceof Error && error.name === 'TocsinError');
}

function firstFrame(error: unknown): string {
  const frame = error instanceof Error ? error.stack?.split('\n').find((line) => line.includes(' at ')) : undefined;
  return (
    frame
      ?.trim()
      .replace(/^at /, '')
      .replace(/\(?(?:file:\/\/)?\/.*\/(dist|client)\//, '($1/') ?? ''
  );
}

export function fourLines(what: Said): string[] {
  const lines = [`error  ${what.error}`];
  if (what.why) lines.push(`why    ${what.why.replaceAll('\n', '\n       ')}`);
  if (what.next) lines.push(`next   ${what.next}`);
  lines.push(`ref    ${what.ref}`);
  return lines;
}
