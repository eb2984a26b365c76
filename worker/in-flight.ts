import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
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

  function begin(token: string, execution: Execution | undefined): void {
    under.add(token);
    write(`+${token} ${JSON.stringify(execution ?? null)}\n`);
  }

  function end(token: string): void {
    under.delete(token);
    write(`-${token}\n`);
    if (under.size > 0 || written < roomy_bytes) return;
    truncateSync(file);
    written = 0;
  }

  return {
    interceptor: (context) => ({
      inbound: watch({ token: context.info.base64TaskToken, execution: context.info.workflowExecution, begin, end, safe }),
    }),
    close: () => rmSync(file, { force: true }),
  };
}

interface Execution {
  readonly workflowId: string;
  readonly runId: string;
}

interface Watched {
  readonly token: string;
  readonly execution: Execution | undefined;
  readonly begin: (token: string, execution: Execution | undefined) => void;
  readonly end: (token: string) => void;
  readonly safe: (perform: Perform) => boolean;
}

function watch({ token, execution, begin, end, safe }: Watched): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const given = input.args[0] as Partial<Perform> | undefined;
      if (given?.units !== undefined && !safe(given as Perform)) return next(input);
      begin(token, execution);
      try {
        return await next(input);
      } finally {
        end(token);
      }
    },
  };
}

/** Hands back what processes that are gone were working on. Answers how many activities that were. */
export async function handBack(directory: string, client: Client): Promise<number> {
  if (!existsSync(directory)) return 0;
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.tokens') && !belongsToSomebody(name))
    .map((name) => join(directory, name));
  const left = files.flatMap((file) => leftIn(readFileSync(file, 'utf8')));
  const executions = new Map(left.flatMap(({ execution }) => (execution === null ? [] : [[execution.runId, execution]])));
  // The dead one was to go on with these runs from memory: nobody waits for that any more.
  await Promise.all([...executions.values()].map((execution) => unstick(execution, client)));
  const told = await Promise.all(left.map(({ token }) => giveBack(token, client)));
  for (const file of files) rmSync(file, { force: true });
  return told.filter(Boolean).length;
}

/** False when the engine does not wait for it any more: it was completed, timed out or is on its next attempt. */
async function giveBack(token: string, client: Client): Promise<boolean> {
  try {
    await client.activity.fail(
      Buffer.from(token, 'base64'),
      ApplicationFailure.create({ message: 'the worker died, another one goes on', type: 'WorkerDied' }),
    );
    return true;
  } catch {
    return false;
  }
}

async function unstick({ workflowId, runId }: Execution, client: Client): Promise<void> {
  try {
    await client.workflowService.resetStickyTaskQueue({ namespace: client.options.namespace, execution: { workflowId, runId } });
  } catch {
    // It has ended, or the engine cannot do this: then its next task waits two seconds.
  }
}

interface Left {
  readonly token: string;
  readonly execution: Execution | null;
}

function leftIn(text: string): readonly Left[] {
  const open = new Map<string, Left>();
  // The last line may be cut off by the death.
  for (const line of text.split('\n').slice(0, -1)) {
    const [token = '', execution = 'null'] = line.slice(1).split(/ (.*)/s);
    if (line.startsWith('+')) open.set(token, { token, execution: JSON.parse(execution) as Execution | null });
    else open.delete(token);
  }
  return [...open.values()];
}

function fileOf(directory: string, pid: number): string {
  const born = processId(pid)?.born ?? '';
  return join(directory, `${pid}@${Buffer.from(born).toString('base64url')}.tokens`);
}

function belongsToSomebody(name: string): boolean {
  const [pid = '', born = ''] = name.replace(/\.tokens$/, '').split('@');
  return isAlive({ pid: Number(pid), born: Buffer.from(born, 'base64url').toString() });
}
