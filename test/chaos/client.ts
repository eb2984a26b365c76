/**
 * Stands for a worker: does every job of a folder, remembering on disk what a heartbeat would, so that its next life goes on.
 * Killed at any moment by the run. Usage: client.js WORK_FOLDER OWN_FOLDER
 */
import { existsSync, openSync, readFileSync, readdirSync, renameSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSshPool } from '../../activities/platform/ssh/pool.ts';
import type { Offsets } from '../../activities/platform/ssh/job/job.ts';
import type { Note, Work } from './work.ts';

const [, , workFolder = '', own = ''] = process.argv;
const pool = createSshPool({ lookup: () => undefined });
const busy = new Set<string>();

function put(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}

function memory(key: string): { started: boolean; offsets: Offsets } | null {
  const path = join(own, `${key}.beat`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { started: boolean; offsets: Offsets }) : null;
}

async function perform(work: Work): Promise<void> {
  const resumed = memory(work.key);
  const files = {
    stdout: openStream(work.key, 'stdout', resumed?.offsets.stdout ?? 0),
    stderr: openStream(work.key, 'stderr', resumed?.offsets.stderr ?? 0),
  };
  const end = await pool.job(work.host, {
    key: work.key,
    argv: work.argv,
    limit_ms: 120_000,
    signal: new AbortController().signal,
    ...(resumed === null ? {} : { resumed }),
    onOutput: (stream, offset, bytes) => void writeSync(files[stream], bytes, 0, bytes.length, offset),
    onProgress: (progress) => put(join(own, `${work.key}.beat`), progress),
  });
  put(join(own, `${work.key}.note`), { state: end.state, exit: end.exit, why: end.why } satisfies Note);
}

/** What was written after the last beat is written again. */
function openStream(key: string, stream: string, offset: number): number {
  const path = join(own, `${key}.${stream}`);
  if (!existsSync(path)) writeFileSync(path, '');
  truncateSync(path, offset);
  return openSync(path, 'r+');
}

async function main(): Promise<void> {
  for (;;) {
    for (const name of readdirSync(workFolder).filter((file) => file.endsWith('.json'))) {
      const work = JSON.parse(readFileSync(join(workFolder, name), 'utf8')) as Work;
      if (busy.has(work.key) || existsSync(join(own, `${work.key}.note`))) continue;
      busy.add(work.key);
      // A throw says that certainly nothing was started: simply again.
      perform(work)
        .catch(() => undefined)
        .finally(() => busy.delete(work.key));
    }
    await sleep(50);
  }
}

void main();
