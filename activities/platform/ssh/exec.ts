import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import type { Host } from '../../../workflows/domain/site.ts';
import { talk } from './channel.ts';
import { aborted, lost, notOurShell, sudoRefused, timedOut } from './errors.ts';
import { common } from './job/script/common.ts';
import { exportLine, printBytes, quote, quoteAll } from './quote.ts';

export interface ExecRequest {
  /** Text for `sh -c`; `argv` are then its `$1`, `$2` … Without it `argv` is the command. */
  readonly program?: string;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: Buffer | string;
  readonly sudo?: boolean;
  /** Other user to run as, by `sudo -n -u`. */
  readonly as?: string;
  readonly timeout_ms: number;
  readonly signal?: AbortSignal;
  readonly onStdout?: (chunk: Buffer) => void | Promise<void>;
  readonly onStderr?: (chunk: Buffer) => void | Promise<void>;
  /** Bytes kept of each stream in the answer; more are counted, not kept. */
  readonly cap?: number;
}

export interface ExecResult {
  /** `null` when a signal ended it. */
  readonly exit: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly stdout_bytes: number;
  readonly stderr_bytes: number;
  readonly ms: number;
}

export const defaultCap = 8 * 1024 * 1024;

/** What the login shell is given: constants only, so that no shell can misread them. `as` is checked against names useradd allows. */
export function shellCommand(host: Host, request: { readonly sudo?: boolean; readonly as?: string }): string {
  if (request.as !== undefined && request.as !== host.user) {
    if (!/^[a-z_][a-z0-9_.-]{0,31}$/i.test(request.as)) throw notOurShell(host, `"${request.as}" is not a user name`, null);
    return `sudo -n -H -u ${request.as} sh -s`;
  }
  return request.sudo === true && host.user !== 'root' ? 'sudo -n -H sh -s' : 'sh -s';
}

/** The program for standard input. Its closing brace comes last: a program cut anywhere never runs. */
export function execProgram(request: ExecRequest, nonce: string): string {
  const argv = request.program === undefined ? (request.argv ?? []) : ['sh', '-c', request.program, 'sh', ...(request.argv ?? [])];
  const run =
    request.stdin === undefined ? 'exec "$@" </dev/null' : `${printBytes(Buffer.from(request.stdin as string))} | { exec "$@"; }\nexit`;
  const cwd = request.cwd === undefined ? '' : `cd -- ${quote(request.cwd)} || exit 126`;
  return `{ printf '%s %s\\n' ${nonce} $$\n${cwd}\n${exportLine(request.env ?? {})}\nset -- ${quoteAll(argv)}\n${run}\n}\n`;
}

export interface ExecOn {
  readonly host: Host;
  readonly channel: ClientChannel;
  readonly request: ExecRequest;
  /** Ends the process group of that pid on the host; `true` when nothing of it is left. */
  readonly kill: (pid: string) => Promise<boolean>;
}

/** Runs to the end on an open channel of {@link shellCommand}. @throws {TocsinError} lost, timeout, cancelled, sudo refused. */
export async function execOn(options: ExecOn): Promise<ExecResult> {
  const { host, channel, request } = options;
  const began = performance.now();
  const nonce = `tj1-${randomBytes(9).toString('hex')}`;
  const cap = request.cap ?? defaultCap;
  const out = collect(cap, request.onStdout);
  const err = collect(cap, request.onStderr);
  const mark = skipTo(Buffer.from(`${nonce} `), out.add);
  const ended = await talk({
    channel,
    input: execProgram(request, nonce),
    timeout_ms: request.timeout_ms,
    signal: request.signal ?? null,
    onStdout: mark.add,
    onStderr: err.add,
    kill: () => (mark.rest() === '' ? Promise.resolve(false) : options.kill(mark.rest())),
  });
  const what = `Run "${(request.program ?? request.argv?.join(' ') ?? '').slice(0, 80)}"`;
  if (ended.ended === 'lost') throw lost(host, what);
  if (ended.ended === 'timeout') throw timedOut(host, what, request.timeout_ms);
  if (ended.ended === 'aborted') throw aborted(host, what, ended.gone);
  if (!mark.found()) throw refusal(host, shellCommand(host, request), err.bytes().toString('utf8'), mark.before(), ended.code);
  return {
    exit: ended.code,
    signal: ended.signal,
    stdout: out.bytes(),
    stderr: err.bytes(),
    stdout_bytes: out.size(),
    stderr_bytes: err.size(),
    ms: performance.now() - began,
  };
}

/** Ends the group and session of a pid that {@link execOn} began, and looks whether any of it is left. */
export function killProgram(pid: string, nonce: string): string {
  return `{ ${common}\ntj_stat ${/^\d+$/.test(pid) ? pid : '0'} || { printf '%s\\n' ${nonce}; exit 0; }\ntj_kill "$tj_g" && printf '%s\\n' ${nonce}\nexit 0\n}\n`;
}

/** Why our program never began. */
export function refusal(host: Host, command: string, stderr: string, stdout: string, exit: number | null): Error {
  if (command.startsWith('sudo') && /sudo/i.test(stderr)) return sudoRefused(host, stderr);
  return notOurShell(host, stderr || stdout, exit);
}

interface Collector {
  readonly add: (chunk: Buffer) => void | Promise<void>;
  readonly bytes: () => Buffer;
  readonly size: () => number;
}

function collect(cap: number, tap: ((chunk: Buffer) => void | Promise<void>) | undefined): Collector {
  const chunks: Buffer[] = [];
  let kept = 0;
  let size = 0;
  return {
    size: () => size,
    bytes: () => Buffer.concat(chunks),
    add: (chunk) => {
      size += chunk.length;
      const room = cap - kept;
      if (room > 0) {
        const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
        chunks.push(part);
        kept += part.length;
      }
      return tap?.(chunk);
    },
  };
}

/** Drops what a chatty login shell prints before our first line, `mark` and the rest of that line. */
export function skipTo(
  mark: Buffer,
  next: (chunk: Buffer) => void | Promise<void>,
): {
  readonly add: (chunk: Buffer) => void | Promise<void>;
  readonly found: () => boolean;
  readonly before: () => string;
  readonly rest: () => string;
} {
  let head: Buffer | null = Buffer.alloc(0);
  let rest = '';
  return {
    found: () => head === null,
    before: () => head?.toString('utf8') ?? '',
    rest: () => rest,
    add: (chunk) => {
      if (head === null) return next(chunk);
      head = Buffer.concat([head, chunk]);
      const at = head.indexOf(mark);
      const end = at < 0 ? -1 : head.indexOf(0x0a, at);
      if (end < 0) {
        if (head.length > 65_536) head = head.subarray(-2 * mark.length);
        return;
      }
      rest = head.toString('latin1', at + mark.length, end);
      const after = head.subarray(end + 1);
      head = null;
      if (after.length > 0) return next(after);
    },
  };
}
