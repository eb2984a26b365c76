import { createHash } from 'node:crypto';
import type { Host } from '../../../../workflows/domain/site.ts';
import { TocsinError } from '../../errors.ts';
import { exportLine, printBytes, quote, quoteAll } from '../quote.ts';
import { cancel } from './script/cancel.ts';
import { common } from './script/common.ts';
import { report } from './script/report.ts';
import { runner } from './script/runner.ts';
import { start } from './script/start.ts';
import { sweep } from './script/sweep.ts';

/** A command that must happen at most once, whoever asks how often. */
export interface JobRequest {
  /** The same for every retry of one decision; another decision has another key. */
  readonly key: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: Buffer | string;
  readonly sudo?: boolean;
  readonly as?: string;
  /** Kept by the host itself: after this long its group gets TERM, five seconds later KILL. `null` = no limit. */
  readonly limit_ms: number | null;
  /** Bytes kept on the host of each stream. */
  readonly cap?: number;
}

export interface Call {
  readonly nonce: string;
  /** Bytes of stdout and stderr we have already. */
  readonly offsets: { readonly stdout: number; readonly stderr: number };
  /** Most bytes of each stream in one answer. */
  readonly max: number;
  /** How long the host waits for news before it answers. */
  readonly wait_ms: number;
}

export const outputCap = 64 * 1024 * 1024;
const stdinMax = 1024 * 1024;

export function jobFolder(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40);
}

/** What the key stands for: the same key with another spec is a conflict and never runs. */
export function specOf(request: JobRequest): string {
  const stdin = request.stdin === undefined ? null : createHash('sha256').update(request.stdin).digest('hex');
  const what = [
    request.argv,
    Object.entries(request.env ?? {}).sort(),
    request.cwd ?? null,
    stdin,
    request.sudo === true,
    request.as ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
}

/** Where the ledger lives, as shell text. Separate per privilege: root never writes into a folder that somebody else owns. */
export function baseOf(host: Host, request: { readonly sudo?: boolean; readonly as?: string }): string {
  const other = request.as !== undefined && request.as !== host.user;
  const raised = request.sudo === true && host.user !== 'root' && !other;
  const own = host.vars[raised ? 'job_dir_sudo' : 'job_dir'];
  if (!other && typeof own === 'string') {
    if (own.startsWith('/')) return quote(own);
    throw new TocsinError(`Use job_dir "${own}" of "${host.name}": not an absolute path`, {
      code: 'E-JOB-DIR',
      hint: 'Name a folder on a disk that survives a reboot',
    });
  }
  const root = other ? request.as === 'root' : raised || host.user === 'root';
  return root ? '/var/lib/tocsin/jobs' : '"$HOME"/.local/state/tocsin/jobs';
}

function centis(ms: number): number {
  return Math.max(1, Math.ceil(ms / 10));
}

function head(base: string, key: string, cap: number, call: Call): string {
  const { nonce, offsets, max } = call;
  return `base=${base} nonce=${nonce} oo=${offsets.stdout} oe=${offsets.stderr} max=${max} cap=${cap}\nd=$base/${jobFolder(key)}`;
}

/** Without its indentation: every byte is sent again with every call. */
function lean(script: string): string {
  return script.replace(/^\s+/gm, '');
}

const lib = lean(common);
const answers = lean(report);
const startVerb = lean(start);
/** The runner needs the same functions: sent once, read twice. */
const startHead = `tj_common=${quote(lib)}\neval "$tj_common"\n${answers}${startVerb}tj_code=$tj_common${quote(lean(runner))}`;
const pollHead = `${lib}${answers}`;
const cancelHead = `${lib}${answers}${lean(cancel)}`;
const sweepHead = `${lib}${lean(sweep)}`;

/** One brace group, the closing brace last: cut anywhere, it is a syntax error and nothing of it runs. */
function whole(...parts: readonly string[]): string {
  return `{ ${parts.join('\n')}\n}\n`;
}

/** Starts, or attaches to, the job; `only` = it has been started before, so never start it now. */
export function startProgram(host: Host, request: JobRequest, call: Call, only: boolean): string {
  const stdin = request.stdin === undefined ? null : Buffer.from(request.stdin as string);
  if (stdin !== null && stdin.length > stdinMax) {
    throw new TocsinError(`Send ${stdin.length} bytes as stdin to "${host.name}": more than ${stdinMax}`, {
      code: 'E-JOB-STDIN',
      hint: 'Copy a file there first, then name it',
    });
  }
  if (request.argv.length === 0)
    throw new TocsinError(`Run on "${host.name}": the command is empty`, {
      code: 'E-JOB-ARGV',
      hint: 'Give at least the program: run: [uptime]',
    });
  const set = [
    `spec=${specOf(request)} limit=${request.limit_ms === null ? 0 : centis(request.limit_ms)} wait=${centis(call.wait_ms)} only=${only ? 1 : 0} fed=${stdin === null ? 0 : 1}`,
    `cwd=${request.cwd === undefined ? '' : quote(request.cwd)}`,
    `tj_env=${quote(exportLine(request.env ?? {}))}`,
    `tj_feed() { ${stdin === null ? ':' : printBytes(stdin)}; }`,
  ];
  return whole(
    head(baseOf(host, request), request.key, request.cap ?? outputCap, call),
    startHead,
    ...set,
    `tj_start ${quoteAll(request.argv)}`,
  );
}

export function pollProgram(host: Host, request: JobRequest, call: Call): string {
  return whole(
    head(baseOf(host, request), request.key, request.cap ?? outputCap, call),
    pollHead,
    `tj_boot\ntj_poll ${centis(call.wait_ms)}`,
  );
}

export function cancelProgram(host: Host, request: JobRequest, call: Call): string {
  return whole(head(baseOf(host, request), request.key, request.cap ?? outputCap, call), cancelHead, 'tj_cancel');
}

export function sweepProgram(base: string, nonce: string, days: { readonly output: number; readonly all: number }): string {
  return whole(`base=${base} nonce=${nonce}`, sweepHead, `tj_sweep ${days.output} ${days.all}\nexit 0`);
}
