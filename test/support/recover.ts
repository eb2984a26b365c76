import { createLab } from '../lab/lab.ts';
import type { Lab } from '../lab/spec.ts';
import { openPlatform } from './platform.ts';
import type { Platform } from './platform.ts';

/** A command that takes a second on a real host, then a step that says when it ran. */
const runbook = `runbook: recover
version: 1
title: Two steps, something dies in the first
owner: tests
inputs:
  mark: { type: string, required: true }
targets:
  host: { where: node.name == "target-1", exactly: 1 }
steps:
  - id: long
    risk: change
    undo: none
    timeout: 60s
    ssh: { on: host, run: ["sh", "-c", "echo begun >> /tmp/$1; sleep 1; echo ended >> /tmp/$1", "sh", "\${{ inputs.mark }}"] }
  - id: after
    risk: change
    undo: none
    ssh: { on: host, run: ["sh", "-c", "date +%s%N > /tmp/$1.after; echo after >> /tmp/$1", "sh", "\${{ inputs.mark }}"] }
`;

export const victims = ['worker', 'engine', 'everything'] as const;
export type Victim = (typeof victims)[number];
/** `leaving`: the worker is not killed but asked to go, as in an update. `records`: the postmaster is killed. */
export type Ending = Victim | 'leaving' | 'records';

export interface Recovery {
  readonly victim: Ending;
  /** From the moment the restart began until the next step ran on the host. */
  readonly seconds: number;
  /** Lines the command wrote: it ran once if they are begun, ended, after. */
  readonly lines: readonly string[];
  readonly status: string;
}

export interface Recoveries {
  readonly once: (victim: Ending) => Promise<Recovery>;
  readonly close: () => Promise<void>;
}

/** The product on a lab host, ready to be killed. */
export async function openRecoveries(): Promise<Recoveries> {
  const lab = await createLab({ hosts: [{ name: 'target-1' }] });
  const platform = await openPlatform({ hosts: lab.inventory, runbooks: { 'recover.yaml': runbook } });
  await platform.up();
  let count = 0;
  return {
    once: (victim) => recover({ platform, lab, victim, mark: `m${(count += 1)}` }),
    async close() {
      await platform.close();
      await lab.stop();
    },
  };
}

async function recover({ platform, lab, victim, mark }: { platform: Platform; lab: Lab; victim: Ending; mark: string }): Promise<Recovery> {
  const read = async (file: string) => (await lab.exec('target-1', ['cat', `/tmp/${file}`])).stdout.trim();
  const run = `recover-${mark}`;
  await platform.start('recover.yaml', run, { mark });
  await until(async () => (await read(mark)).includes('begun'));
  if (victim === 'everything') platform.killAll();
  else if (victim === 'leaving') process.kill(platform.pid('worker'), 'SIGTERM');
  else platform.kill(victim);
  const began = Date.now();
  if (victim === 'everything') await platform.up();
  const ran = await until(async () => Number(await read(`${mark}.after`)) / 1e6 || null);
  // The records are told a moment after the act.
  const status = await until(async () => {
    const found = await platform
      .records()
      .runs.get(run)
      .catch(() => null);
    return found !== null && found.status !== 'running' ? found.status : null;
  });
  return { victim, seconds: Math.round(ran - began) / 1_000, lines: (await read(mark)).split('\n'), status };
}

async function until<T>(look: () => Promise<T | null | false>, limit_ms = 90_000): Promise<T> {
  const end = Date.now() + limit_ms;
  while (Date.now() < end) {
    const found = await look();
    if (found !== null && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error('it did not happen in time');
}
