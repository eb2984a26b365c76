import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from './machine.ts';
import { removeNetwork } from './network.ts';

/** A lab's folder says who made it, so that the next one can clear away what a killed test left. */
interface Owner {
  readonly pid: number;
  readonly ticks: string;
  readonly machines: readonly { readonly pid: number; readonly ticks: string }[];
}

// Per account: a folder that root made first would shut everybody else out.
const parent = join(tmpdir(), `tocsin-lab-${process.getuid?.() ?? 0}`);

export function labFolder(id: string): string {
  return join(parent, id);
}

export function startTicks(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

export function own(id: string, machines: readonly number[]): void {
  mkdirSync(labFolder(id), { recursive: true, mode: 0o755 });
  const owner: Owner = {
    pid: process.pid,
    ticks: startTicks(process.pid),
    machines: machines.map((pid) => ({ pid, ticks: startTicks(pid) })),
  };
  writeFileSync(join(labFolder(id), 'owner.json'), JSON.stringify(owner));
}

/** Removes labs whose maker is dead: processes by pid and start time, network, files. */
export async function sweep(): Promise<readonly string[]> {
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const swept: string[] = [];
  for (const id of readdirSync(parent)) {
    const owner = readOwner(id);
    if (owner !== null && startTicks(owner.pid) === owner.ticks && owner.ticks !== '') continue;
    for (const machine of owner?.machines ?? []) if (machine.ticks !== '' && startTicks(machine.pid) === machine.ticks) kill(machine.pid);
    await removeNetwork(id);
    rmSync(labFolder(id), { recursive: true, force: true });
    swept.push(id);
  }
  return swept;
}

function readOwner(id: string): Owner | null {
  try {
    return JSON.parse(readFileSync(join(labFolder(id), 'owner.json'), 'utf8')) as Owner;
  } catch {
    return null;
  }
}
