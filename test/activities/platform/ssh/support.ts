import { randomUUID } from 'node:crypto';
import type { Host } from '../../../../workflows/domain/site.ts';
import type { JobEnd } from '../../../../activities/platform/ssh/job/job.ts';
import { createSshPool, type JobFollow, type SshPool, type SshPoolOptions } from '../../../../activities/platform/ssh/pool.ts';
import type { Lab } from '../../../lab/spec.ts';

export function poolFor(lab: Lab, options: Partial<SshPoolOptions> = {}): SshPool {
  return createSshPool({ lookup: (name) => lab.hosts.find((host) => host.name === name), ...options });
}

export interface Seen extends JobEnd {
  readonly out: Buffer;
  readonly err: Buffer;
}

/** One job followed to its end, its output put together by the offsets that were announced. */
export async function job(pool: SshPool, host: Host, argv: readonly string[], options: Partial<JobFollow> = {}): Promise<Seen> {
  const streams: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const end = await pool.job(host, {
    key: options.key ?? randomUUID(),
    argv,
    limit_ms: null,
    signal: new AbortController().signal,
    onOutput: (stream, offset, bytes) => {
      const have = streams[stream].reduce((sum, part) => sum + part.length, options.resumed?.offsets[stream] ?? 0);
      if (have !== offset) throw new Error(`${stream}: a piece came at ${offset}, expected at ${have}`);
      streams[stream].push(bytes);
    },
    ...options,
  });
  return { ...end, out: Buffer.concat(streams.stdout), err: Buffer.concat(streams.stderr) };
}

/** Text that breaks naive quoting in one shell or another. */
export const hostile: readonly string[] = [
  '',
  ' ',
  '  two  spaces ',
  "'",
  '"',
  '\\',
  '\\\\',
  "'\\''",
  "\\' ; touch PWNED #",
  '$(touch PWNED)',
  '`touch PWNED`',
  '${HOME}',
  '$HOME',
  '!!',
  '!touch',
  'a!b',
  '"; rm -rf / #',
  "'; touch PWNED; '",
  '\n',
  'a\nb',
  'a\n',
  '\t',
  '\r\n',
  '*',
  '?',
  '[a-z]',
  '~',
  '~root',
  '{a,b}',
  '-n',
  '--',
  '-e',
  '\u0001\u001b[31m',
  'é漢字🚨',
  '%s%n',
  '#x',
  '&',
  '|',
  '<x',
  '>x',
  ';',
  '()',
  '=',
  'a=b',
  '\\n',
  "$'\\n'",
  '^x^y',
  '\u2028',
  'x'.repeat(5_000),
];
