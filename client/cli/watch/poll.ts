import { TocsinError } from '../../../activities/platform/errors.ts';
import type { Cli } from '../cli.ts';

/** A server that is away for a moment does not end a watch; a wrong id or token does. */
export function sorted(cli: Pick<Cli, 'interrupted'>, error: unknown): null {
  const code = error instanceof TocsinError ? error.code : '';
  if (cli.interrupted.aborted || code.startsWith('E-UNREACHABLE') || code.startsWith('E-SERVER')) return null;
  throw error;
}

/** Resolves after `ms`, or at once when the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    }
    signal.addEventListener('abort', finish);
  });
}
