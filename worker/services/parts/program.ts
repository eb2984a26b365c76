import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TocsinError } from '../../../activities/platform/errors.ts';
import type { Part } from '../part.ts';
import { readyMessage } from '../part.ts';
import type { PartName } from '../place.ts';
import { spawnBound } from '../process.ts';
import { requireFreePort } from '../taken.ts';

export interface ProgramOptions {
  readonly name: PartName;
  /** Compiled entry below `dist`, `worker/main.js`. */
  readonly entry: string;
  /** More flags of Node. */
  readonly flags?: readonly string[];
  /** Compiled file below `dist` that every thread of the program loads first. */
  readonly preload?: string;
  /** Made at each start: a first start of the records writes the password that this needs. */
  readonly env: () => NodeJS.ProcessEnv;
  readonly port: number | null;
  readonly grace_ms: number;
  /** Where it will listen, and the setting that says so: looked at before, since a child can only say "taken". */
  readonly listens?: { readonly host: string; readonly port: number; readonly setting: string };
  /** Asked until it answers; without it the program says itself that it is ready. */
  readonly health?: string;
}

/** A part that is a Node program of ours. */
export function programPart(options: ProgramOptions): Part {
  return {
    name: options.name,
    port: options.port,
    stop: { signal: 'SIGTERM', grace_ms: options.grace_ms },
    launch: async (log) => {
      const file = entryFile(options.entry);
      if (options.listens) await requireFreePort(options.listens.port, options.listens.setting, options.name, options.listens.host);
      return spawnBound({
        command: process.execPath,
        args: [
          '--enable-source-maps',
          ...(options.flags ?? []),
          ...(options.preload === undefined ? [] : ['--require', entryFile(options.preload)]),
          file,
        ],
        env: options.env(),
        // The channel lets the child say that it is ready and see that we are gone.
        stdio: ['ignore', log, log, 'ipc'],
        onParentDeath: 'SIGTERM',
      });
    },
    ready: (child) => (options.health === undefined ? readyMessage(child, 60_000) : untilHealthy(options.health, child)),
  };
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const end = Date.now() + 60_000;
  while (Date.now() < end && child.exitCode === null) {
    if (await healthy(url)) return;
    await sleep(50);
  }
  throw new TocsinError(`"${url}" does not answer within 60 s`, { code: 'E-PART-START', retry: true });
}

export async function healthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Beside us when we are compiled ourselves; below `dist` of the checkout when we run from source, as in tests. */
function entryFile(entry: string): string {
  const root = join(__dirname, '..', '..', '..');
  const file = [join(root, entry), join(root, 'dist', entry)].find((path) => existsSync(path));
  if (file) return file;
  throw new TocsinError(`cannot find the program "${entry}" below "${root}"`, { code: 'E-NOT-BUILT', hint: 'Run npm run build.' });
}
