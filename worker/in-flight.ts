import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityClient } from '@temporalio/client';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Perform } from '../workflows/core/run.ts';
import { isAlive, processId } from './services/process.ts';

/**
 * Which activities this process works on, on disk. The engine learns of a killed worker only when a heartbeat stays away;
 * its successor on the same machine reads what was left here and hands it back at once, so that a retry re-attaches within a second.
 */
export interface InFlight {
  readonly interceptor: ActivityInterceptorsFactory;
  readonly close: () => void;
}

/** Above this the file is begun afresh as soon as nothing is under way. */
const roomy_bytes = 64 * 1024;

/** @param safe whether trying again is safe; anything else is left to its heartbeat, whose details then tell what was finished. */
export function openInFlight(directory: string, safe: (perform: Perform) => boolean): InFlight {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = fileOf(directory, process.pid);
  const under = new Set<string>();
  let written = 0;

  function write(line: string): void {
    // No fsync: this outlives the process; a machine that loses power is covered by the heartbeat.
    appendFileSync(file, line, { mode: 0o600 });
    written += line.length;
  }

  function begin(token: string): void {
    under.add(token);
    write(`+${token}\n`);
  }

  function end(token: string): void {
    under.delete(token);
    write(`-${token}\n`);
    if (under.size > 0 || written < roomy_bytes) return;
    truncateSync(file);
    written = 0;
  }

  return {
    interceptor: (context) => ({ inbound: watch(context.info.base64TaskToken, { begin, end, safe }) }),
    close: () => rmSync(file, { force: true }),
  };
}

interface Watcher {
  readonly begin: (token: string) => void;
  readonly end: (token: string) => void;
  readonly safe: (perform: Perform) => boolean;
}

function watch(token: string, { begin, end, safe }: Watcher): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const given = input.args[0] as Partial<Perform> | undefined;
      if (given?.units !== undefined && !safe(given as Perform)) return next(input);
      begin(token);
      try {
        return await next(input);
      } finally {
        end(token);
      }
    },
  };
}

/** Hands back what processes that are gone were working on. Answers how many activities that were. */
export async function handBack(directory: string, activity: Pick<ActivityClient, 'fail'>): Promise<number> {
  if (!existsSync(directory)) return 0;
  const files = readdirSync(directory).filter((name) => name.endsWith('.tokens') && !belongsToSomebody(name));
  const given = await Promise.all(files.map(async (name) => {
    const file = join(directory, name);
    const tokens = openTokens(readFileSync(file, 'utf8'));
    const told = await Promise.all(tokens.map((token) => giveBack(token, activity)));
    rmSync(file, { force: true });
    return told.filter(Boolean).length;
  }));
  return given.reduce((sum, count) => sum + count, 0);
}

/** False when the engine does not wait for it any more: it was completed, timed out or is on its next attempt. */
async function giveBack(token: string, activity: Pick<ActivityClient, 'fail'>): Promise<boolean> {
  try {
    await activity.fail(Buffer.from(token, 'base64'), ApplicationFailure.create({ message: 'the worker died, another one goes on', type: 'WorkerDied' }));
    return true;
  } catch {
    return false;
  }
}

function openTokens(text: string): readonly string[] {
  const open = new Set<string>();
  // The last line may be cut off by the death.
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('+')) open.add(line.slice(1));
    else open.delete(line.slice(1));
  }
  return [...open];
}

function fileOf(directory: string, pid: number): string {
  const born = processId(pid)?.born ?? '';
  return join(directory, `${pid}@${Buffer.from(born).toString('base64url')}.tokens`);
}

function belongsToSomebody(name: string): boolean {
  const [pid = '', born = ''] = name.replace(/\.tokens$/, '').split('@');
  return isAlive({ pid: Number(pid), born: Buffer.from(born, 'base64url').toString() });
}
