import { setTimeout as sleep } from 'node:timers/promises';
import { TocsinError } from '../activities/platform/errors.ts';
import { openSite } from '../client/cli/open-site.ts';
import type { PartName } from './services/place.ts';
import { up } from './up.ts';
import type { DaemonMessage } from './up.ts';

/** `TOCSIN_SITE=folder [TOCSIN_PARTS=engine,records] node daemon.js`: the process behind `tocsin up --detach`. */
async function main(): Promise<void> {
  try {
    const site = await openSite(process.env['TOCSIN_SITE'] ?? process.cwd());
    const only = process.env['TOCSIN_PARTS']?.split(',') as PartName[] | undefined;
    await up({ site, env: process.env, say, ...(only ? { only } : {}), onReady: () => tell({ ready: true }) });
  } catch (error) {
    const known = error instanceof TocsinError ? error : null;
    process.stderr.write(`${known?.message ?? (error as Error).stack}\n${known?.hint ?? ''}\n`);
    tell({ failed: { message: (error as Error).message, code: known?.code ?? 'E-UP', hint: known?.hint ?? '' } });
    process.exitCode = 1;
  }
  // Sockets of a client library must not keep a process that has nothing left to do.
  await sleep(20);
  process.exit();
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  tell({ said: line });
}

function tell(message: DaemonMessage): void {
  if (process.connected) process.send?.(message);
}

void main();
