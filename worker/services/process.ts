import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process told apart from a later one that got the same pid: `born` is its boot and start tick. */
export interface ProcessId {
  readonly pid: number;
  readonly born: string;
}

/** Identity of a live process, or `null` when there is none (a zombie counts as none). */
export function processId(pid: number): ProcessId | null {
  const born = existsSync('/proc/self/stat') ? bornByProc(pid) : bornByPs(pid);
  return born === null ? null : { pid, born };
}

function bornByProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold blanks and parentheses: fields count from after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function bornByPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    return null;
  }
}

export function isAlive(id: ProcessId): boolean {
  return processId(id.pid)?.born === id.born;
}

/** Signals exactly this process. `false` = it was gone already. */
export function signal(id: ProcessId, name: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    process.kill(id.pid, name);
    return true;
  } catch {
    return false;
  }
}

export interface StopOptions {
  /** First, polite signal. */
  readonly signal?: NodeJS.Signals;
  /** Milliseconds until SIGKILL. */
  readonly grace_ms?: number;
}

/** Ends a process and waits until it is gone. Answers how: `gone` already, `stopped` politely, or `killed`. */
export async function stopProcess(id: ProcessId, options: StopOptions = {}): Promise<'gone' | 'stopped' | 'killed'> {
  if (!signal(id, options.signal ?? 'SIGTERM')) return 'gone';
  if (await gone(id, options.grace_ms ?? 10_000)) return 'stopped';
  signal(id, 'SIGKILL');
  await gone(id, 5_000);
  return 'killed';
}

async function gone(id: ProcessId, within_ms: number): Promise<boolean> {
  const end = Date.now() + within_ms;
  while (isAlive(id)) {
    if (Date.now() > end) return false;
    await sleep(25);
  }
  return true;
}

export interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdio: StdioOptions;
  /** Account to run as; only root may name another. */
  readonly account?: { readonly uid: number; readonly gid: number } | null;
  /** Signal the kernel sends the child when we die without a word (Linux with util-linux; elsewhere the next start cleans up). */
  readonly onParentDeath?: NodeJS.Signals;
  readonly detached?: boolean;
}

/** Starts a child that does not outlive us, even when we are killed with -9. */
export function spawnBound(options: SpawnOptions): ChildProcess {
  const bound = options.onParentDeath !== undefined && setpriv() !== null;
  const command = bound ? setpriv()! : options.command;
  const args = bound ? ['--pdeathsig', options.onParentDeath!.slice(3), '--', options.command, ...options.args] : [...options.args];
  return spawn(command, args, {
    stdio: options.stdio,
    detached: options.detached ?? false,
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...(options.account ? { uid: options.account.uid, gid: options.account.gid } : {}),
  });
}

let setprivPath: string | null | undefined;
function setpriv(): string | null {
  if (setprivPath !== undefined) return setprivPath;
  setprivPath = null;
  for (const path of ['/usr/bin/setpriv', '/bin/setpriv']) {
    try {
      // Busybox has a setpriv without --pdeathsig: ask, do not assume.
      if (
        existsSync(path) &&
        execFileSync(path, ['--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes('--pdeathsig')
      )
        return (setprivPath = path);
    } catch {
      // Not usable here: the next start cleans up instead.
    }
  }
  return setprivPath;
}
