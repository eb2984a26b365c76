import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '../activities/platform/errors.ts';
import type { Site } from '../workflows/domain/site.ts';
import { connectionsOf } from './connections.ts';
import { startPlatform } from './platform.ts';
import type { PlatformOptions } from './platform.ts';
import { lockHolder } from './services/lock.ts';
import { openLog, tailOf } from './services/logs.ts';
import { makePlace, partNames, placeOf } from './services/place.ts';
import type { PartName } from './services/place.ts';
import { isAlive, stopProcess } from './services/process.ts';
import type { ProcessId } from './services/process.ts';
import { clearLeftovers, readState } from './services/state.ts';
import type { PartState } from './services/state.ts';

/**
 * Runs the platform in this process until SIGTERM or SIGINT, then ends it in order. Resolves when all is down.
 * Throws a `TocsinError` when a part cannot come up (`E-PORT-TAKEN`, `E-ALREADY-UP`, `E-ENGINE-…`, `E-RECORDS-…`).
 */
export async function up(options: PlatformOptions & { readonly onReady?: () => void }): Promise<void> {
  const abort = new AbortController();
  const told = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve(), { once: true }));
  const onSignal = (name: NodeJS.Signals) => {
    if (abort.signal.aborted) return;
    options.say(`${name}: ending ${[...partNames].reverse().join(', ')}`);
    abort.abort();
  };
  for (const name of endings) process.on(name, onSignal);
  try {
    const supervisor = await startPlatform({ ...options, signal: abort.signal });
    options.onReady?.();
    await told;
    await supervisor.stop();
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    for (const name of endings) process.off(name, onSignal);
  }
  options.say('all is down');
}

const endings = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface DetachOptions {
  readonly site: Site;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** The compiled `daemon.js`, when we run from source ourselves. */
  readonly program?: string;
}

/** Starts {@link up} as a process of its own and resolves once all parts are up. Answers its pid. */
export async function detach(options: DetachOptions): Promise<number> {
  const place = makePlace(options.site.data);
  const log = openLog(place.upLog);
  const child = spawn(process.execPath, [options.program ?? join(__dirname, 'daemon.js')], {
    detached: true,
    cwd: '/',
    env: { ...options.env, TOCSIN_SITE: options.site.folder },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.on('message', (message: DaemonMessage) => {
      if (message.said) options.say(message.said);
      if (message.failed) reject(new TocsinError(message.failed.message, message.failed));
      if (!message.ready) return;
      child.disconnect();
      child.unref();
      resolve(child.pid!);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(
        new TocsinError(`tocsin up ended with ${code}: ${tailOf(place.upLog, 3).join(' | ')}`, {
          code: 'E-UP',
          hint: `Read ${place.upLog}`,
        }),
      ),
    );
  });
}

/** What the detached process tells the one that waits for it. */
export interface DaemonMessage {
  readonly said?: string;
  readonly ready?: true;
  readonly failed?: { readonly message: string; readonly code: string; readonly hint: string };
}

export interface DownOptions {
  readonly site: Site;
  readonly say: (line: string) => void;
  /** Milliseconds until force; the default covers the worker's own grace. */
  readonly grace_ms?: number;
}

/** Ends the platform of a site, wherever it was started. Answers the parts that were running. */
export async function down(options: DownOptions): Promise<readonly PartName[]> {
  const place = placeOf(options.site.data);
  const running = partNames.filter((name) => lockHolder(place.lock(name)) !== null);
  const supervisors = new Map<string, ProcessId>(
    running
      .map((name) => lockHolder(place.lock(name)))
      .filter((id) => id !== null)
      .map((id) => [id.born, id]),
  );
  for (const id of supervisors.values()) {
    const how = await stopProcess(id, { grace_ms: options.grace_ms ?? 90_000 });
    if (how === 'killed') options.say(`the supervisor (pid ${id.pid}) did not end in time and was killed`);
  }
  // Parts of a supervisor that died before: nobody else ends them.
  const left = await clearLeftovers(place, partNames);
  return partNames.filter((name) => running.includes(name) || left.includes(name));
}

export interface PartStatus {
  readonly name: PartName;
  /** `elsewhere` = `DATABASE_URL` or `TEMPORAL_ADDRESS` names one that somebody else runs. */
  readonly state: PartState | 'elsewhere';
  readonly pid: number | null;
  readonly port: number | null;
  readonly since: string | null;
  readonly restarts: number;
  readonly last_end: string | null;
  readonly log: string;
}

/** What runs now, from the state on disk checked against the processes. */
export function status(site: Site, env: NodeJS.ProcessEnv = {}): PartStatus[] {
  const place = placeOf(site.data);
  const { foreignRecords, foreignEngine } = connectionsOf(env);
  const foreign = new Set<PartName>([
    ...(foreignRecords === null ? [] : ['records' as const]),
    ...(foreignEngine === null ? [] : ['engine' as const]),
  ]);
  return partNames.map((name) => {
    const known = readState(place, name);
    const alive = known?.process != null && isAlive(known.process);
    const kept = known !== null && isAlive(known.supervisor);
    const here = alive ? known.state : kept && known.state !== 'running' ? known.state : 'down';
    return {
      name,
      state: foreign.has(name) ? 'elsewhere' : here,
      pid: alive ? known.process!.pid : null,
      port: known?.port ?? null,
      since: alive ? known.since : null,
      restarts: known?.restarts ?? 0,
      last_end: known?.last_end ?? null,
      log: place.log(name),
    };
  });
}
