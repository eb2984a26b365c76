import type { ExecResult } from '../platform/ssh/exec.ts';
import { TocsinError } from '../platform/errors.ts';
import type { LookFrom, Seen } from './probe.ts';

export interface RemoteLook {
  /** For `sh -c`; `argv` are its `$1`, `$2` …; exit 127 = the node has no tool for it. */
  readonly program: string;
  readonly argv: readonly string[];
}

/** Looks by a command on the node; exit 0 is up. */
export async function lookOn(
  { host, ssh, timeout_ms, signal }: LookFrom,
  { program, argv }: RemoteLook,
): Promise<Seen & { readonly stdout: string }> {
  const began = performance.now();
  // The command gives up by itself; the connection gets a little longer to say so.
  const ended: ExecResult = await ssh.exec(host, { program, argv, timeout_ms: timeout_ms + 10_000, signal, cap: 16_384 });
  const ms = Math.round(performance.now() - began);
  if (ended.exit === 127) {
    throw new TocsinError(`Probing from "${host.name}" failed: it has none of the tools for it`, {
      code: 'E-PROBE-TOOL',
      kind: 'unreachable',
      hint: 'Install nc, curl, ping or pg_isready there, or probe from another node',
    });
  }
  const said = ended.stderr.toString('utf8').trim().split('\n').at(-1) ?? '';
  return {
    up: ended.exit === 0,
    ms,
    detail: ended.exit === 0 ? null : said || `exit ${ended.exit}`,
    stdout: ended.stdout.toString('utf8').trim(),
  };
}

/** Whole seconds for tools that know no fractions. */
export function seconds(timeout_ms: number): string {
  return String(Math.max(1, Math.ceil(timeout_ms / 1_000)));
}
