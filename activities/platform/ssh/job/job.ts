import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../../../workflows/domain/site.ts';
import { TocsinError } from '../../errors.ts';
import type { SshPool } from '../pool.ts';
import { callLedger } from './call.ts';
import type { Reply } from './reply.ts';
import { cancelProgram, pollProgram, startProgram, type JobRequest } from './request.ts';

export interface Offsets {
  readonly stdout: number;
  readonly stderr: number;
}

export interface FollowOptions extends JobRequest {
  readonly pool: Pick<SshPool, 'channel'>;
  readonly host: Host;
  readonly signal: AbortSignal;
  /** What an earlier attempt knew: whether it was seen started, or only about to be; so much was read. */
  readonly resumed?: { readonly started: boolean; readonly offsets: Offsets };
  /** New bytes of a stream; settled before the offset counts as read. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', offset: number, bytes: Buffer) => void | Promise<void>;
  /** Known to be started, or about to be (`started: false` is never reported after `true`). */
  readonly onProgress?: (progress: { readonly started: boolean; readonly offsets: Offsets }) => void;
  /** How long a host that was reached before may stay away before we say `unknown`. */
  readonly away_ms?: number;
}

export interface JobEnd {
  readonly state: 'done' | 'cancelled' | 'unknown' | 'nostart' | 'conflict';
  readonly exit: number | null;
  readonly timed_out: boolean;
  readonly truncated: boolean;
  readonly ran_ms: number;
  readonly offsets: Offsets;
  /** Why: the reason of `unknown` and `nostart`, for people. */
  readonly why: string;
}

const firstWaitMs = 250;
const pollWaitMs = 5_000;

/**
 * Runs the command once and follows it to its end, through lost connections and restarts of either side. Asking again
 * with the same key attaches. @throws {TocsinError} only while certainly nothing was started.
 */
export async function followJob(options: FollowOptions): Promise<JobEnd> {
  const away_ms = options.away_ms ?? 60_000;
  let offsets: Offsets = options.resumed?.offsets ?? { stdout: 0, stderr: 0 };
  let started = options.resumed?.started ?? false;
  let sent = options.resumed !== undefined;
  let seen = Date.now();

  async function ask(): Promise<Reply & { readonly complaint: string }> {
    const { pool, host, signal } = options;
    const { sudo, as } = options;
    const common = { pool, host, signal, offsets, ...(sudo === undefined ? {} : { sudo }), ...(as === undefined ? {} : { as }) };
    if (started) return callLedger({ ...common, wait_ms: pollWaitMs, program: (call) => pollProgram(host, options, call) });
    return callLedger({
      ...common,
      wait_ms: firstWaitMs,
      program: (call) => startProgram(host, options, call, false),
      onSend: () => {
        if (!sent) options.onProgress?.({ started: false, offsets });
        sent = true;
      },
    });
  }

  for (let misses = 0; ;) {
    if (options.signal.aborted) return stop(options, offsets, sent);
    let reply: Awaited<ReturnType<typeof ask>>;
    try {
      reply = await ask();
    } catch (error) {
      if (options.signal.aborted) continue;
      // Refused before our program began (sudo, forced command, key): the host answers, so this call started nothing.
      const firm = error instanceof TocsinError && !error.retry;
      if (!sent || (firm && !started && misses === 0)) throw error;
      if (firm || Date.now() - seen > away_ms) return unknown(offsets, (error as Error).message);
      misses += 1;
      await sleep(Math.min(5_000, 100 * 2 ** Math.min(misses, 6)) * (0.5 + Math.random()));
      continue;
    }
    misses = 0;
    seen = Date.now();
    const wasStarted = started;
    if (isStarted(reply)) started = true;
    // What another command printed under this key is none of ours.
    if (reply.state !== 'conflict') offsets = await take(options, offsets, reply);
    if (started) options.onProgress?.({ started, offsets });
    const end = judge(reply, offsets, wasStarted);
    if (end !== null) return end;
  }
}

function isStarted(reply: Reply): boolean {
  return (
    reply.state === 'running' ||
    reply.state === 'orphan' ||
    reply.state === 'done' ||
    reply.state === 'lost' ||
    reply.state === 'lost-reboot'
  );
}

async function take(options: FollowOptions, offsets: Offsets, reply: Reply): Promise<Offsets> {
  if (reply.stdout.length > 0) await options.onOutput?.('stdout', offsets.stdout, reply.stdout);
  if (reply.stderr.length > 0) await options.onOutput?.('stderr', offsets.stderr, reply.stderr);
  return { stdout: offsets.stdout + reply.stdout.length, stderr: offsets.stderr + reply.stderr.length };
}

/** `null` = go on following. */
function judge(reply: Reply & { readonly complaint: string }, offsets: Offsets, wasStarted: boolean): JobEnd | null {
  const base = { exit: reply.exit, timed_out: reply.timed_out, truncated: reply.truncated || reply.swept, ran_ms: reply.ran_ms, offsets };
  switch (reply.state) {
    case 'starting':
    case 'running':
    case 'orphan':
      return null;
    case 'done':
      if (!reply.swept && (offsets.stdout < reply.size.stdout || offsets.stderr < reply.size.stderr)) return null;
      return { ...base, state: 'done', why: '' };
    case 'cancelled':
      return { ...base, state: 'cancelled', why: 'it was cancelled before it began' };
    case 'conflict':
      return { ...base, state: 'conflict', why: 'the same job key stands on the host for another command' };
    case 'nostart':
      return {
        ...base,
        state: 'nostart',
        why: `${whyNot[reply.reason] ?? 'the job could not be prepared'}${reply.complaint === '' ? '' : `: ${reply.complaint.trim().split('\n').at(-1) ?? ''}`}`,
      };
    case 'lost':
      return { ...base, state: 'unknown', why: 'the process that watched it was killed, so how it ended is not recorded' };
    case 'lost-reboot':
      return { ...base, state: 'unknown', why: 'the host was restarted while it ran' };
    case 'absent':
    case 'stale':
      // Only asked for by poll: it was started, and now the host knows nothing of it.
      return wasStarted
        ? {
            ...base,
            state: 'unknown',
            why: 'it was started, but the host has forgotten it: its job folder was removed or the disk replaced',
          }
        : null;
  }
}

const whyNot: Readonly<Record<string, string>> = {
  full: 'no space is left on the disk of the job folder',
  mkdir: 'the job folder cannot be made',
  owner: 'the job folder belongs to somebody else',
  setsid: 'the program setsid is missing there (package util-linux or busybox)',
  cwd: 'the working folder does not exist or may not be entered',
  stdin: 'its input could not be stored',
  runner: 'the job could not be claimed',
};

function unknown(offsets: Offsets, why: string): JobEnd {
  return { state: 'unknown', exit: null, timed_out: false, truncated: false, ran_ms: 0, offsets, why };
}

/** Abort: what was never sent needs no stopping; the rest is stopped and looked for. */
async function stop(options: FollowOptions, offsets: Offsets, sent: boolean): Promise<JobEnd> {
  if (!sent) return { ...unknown(offsets, 'stopped before it began'), state: 'cancelled' };
  const ended = await cancelJob(options, offsets).catch((error: unknown) => error as Error);
  if (ended instanceof Error) return unknown(offsets, `stopped on request; NOT confirmed: ${ended.message}`);
  offsets = await take(options, offsets, ended);
  const base = { exit: ended.exit, timed_out: ended.timed_out, truncated: ended.truncated, ran_ms: ended.ran_ms, offsets };
  if (ended.reason !== 'gone') {
    const left = ended.reason.startsWith('left:') ? `process ${ended.reason.slice(5)} is left` : ended.complaint.trim();
    return { ...base, state: 'unknown', why: `stopped on request; NOT confirmed that it is gone: ${left}` };
  }
  if (ended.state === 'lost-reboot' || ended.state === 'lost')
    return { ...base, state: 'unknown', why: 'stopped on request; nothing of it is left running, but how far it came is not recorded' };
  return {
    ...base,
    state: ended.state === 'done' && ended.exit !== 143 && ended.exit !== 137 ? 'done' : 'cancelled',
    why: 'stopped on request; nothing of it is left running',
  };
}

/** Asks the host to end the job and to look whether anything of it is left. Also forbids a start that is still under way. */
export async function cancelJob(
  options: Pick<FollowOptions, 'pool' | 'host'> & JobRequest,
  offsets: Offsets,
): Promise<Reply & { readonly complaint: string }> {
  const { pool, host, sudo, as } = options;
  return callLedger({
    pool,
    host,
    ...(sudo === undefined ? {} : { sudo }),
    ...(as === undefined ? {} : { as }),
    signal: null,
    offsets,
    wait_ms: 10_000,
    program: (call) => cancelProgram(host, options, call),
  });
}
