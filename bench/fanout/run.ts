import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { loadSite } from '../../activities/platform/site/index.ts';
import { descendants } from '../../test/lab/machine.ts';
import { openStage, type Stage } from '../../test/support/stage.ts';
import { placeOf, partNames, type PartName, type Place } from '../../worker/services/place.ts';
import { readState } from '../../worker/services/state.ts';
import { workflowIds, type RunResult } from '../../workflows/messages.ts';
import type { Host } from '../../workflows/domain/site.ts';
import type { Cost } from '../rivals/fanout.ts';
import { round, type Say } from '../report.ts';

/** One run of a runbook: from the start of its workflow to its result; `cpu_seconds` and `rss_mb` are the worker's, which is the client here. */
export interface RunCost extends Cost {
  /** From the request over HTTP to the result, as its caller sees it. */
  readonly asked_seconds: number;
  /** Processor time of the whole platform: worker, server, engine, records. */
  readonly platform_cpu_seconds: number;
}

export interface RunRow {
  /** A fresh worker that never met these hosts. */
  readonly cold: RunCost;
  readonly warm: RunCost;
  readonly job: RunCost;
}

/** One step on every host of the site: `read` is a look, `job` a change (keyed, runs once). */
function runbook(name: string, risk: 'read' | 'change'): string {
  return `runbook: ${name}
version: 1
title: One command on the whole fleet
owner: on_duty
severity: general
triggers:
  - manual: {}
targets:
  fleet: { where: "true" }
steps:
  - id: all
    each: fleet
    risk: ${risk}
    ssh: { on: fleet, run: ["true"] }
${risk === 'change' ? '    undo: none\n' : ''}`;
}

/** As a person writes a fleet: what all have in common once. */
function inventory(hosts: readonly Host[]): string {
  const { port, user, key } = hosts[0]!;
  const rows = hosts.map(({ name, address, host_keys }) => `  ${name}: ${JSON.stringify({ address, host_keys })}`);
  return `defaults: ${JSON.stringify({ port, user, key })}\nhosts:\n${rows.join('\n')}\n`;
}

/** Measures one size on a platform of its own, worker and all, that is brought up for it and ended after it. */
export async function measureRuns(hosts: readonly Host[], say: Say): Promise<RunRow> {
  const stage = await openStage({
    hosts: [],
    files: {
      'hosts.yaml': inventory(hosts),
      'runbooks/fleet_read.yaml': runbook('fleet_read', 'read'),
      'runbooks/fleet_job.yaml': runbook('fleet_job', 'change'),
    },
  });
  try {
    const { site } = await loadSite(stage.folder);
    if (site === null) throw new Error(`cannot read the site ${stage.folder}`);
    const connection = await Connection.connect({ address: `127.0.0.1:${site.engine.port}` });
    const platform: Platform = { stage, client: new Client({ connection }), place: placeOf(site.data), size: hosts.length };
    try {
      // As a platform stands that was not started this very moment: it gives back what its start took after it was idle for 5 s.
      await sleep(12_000);
      const cold = await cost(platform, 'fleet_read');
      const warm = await best(3, () => cost(platform, 'fleet_read'));
      const job = await best(2, () => cost(platform, 'fleet_job'));
      say(`${hosts.length} hosts by a runbook: cold ${cold.seconds} s, warm ${warm.seconds} s, keyed job ${job.seconds} s`);
      return { cold, warm, job };
    } finally {
      await connection.close();
    }
  } finally {
    await stage.close();
  }
}

interface Platform {
  readonly stage: Stage;
  readonly client: Client;
  readonly place: Place;
  readonly size: number;
}

async function cost(platform: Platform, name: string): Promise<RunCost> {
  const worker = pidOf(platform.place, 'worker');
  const parts = partNames.map((part) => pidOf(platform.place, part));
  forgetPeak(worker);
  const before = { worker: cpuOf([worker]), all: cpuOf(parts) };
  const began = performance.now();
  const id = await start(platform, name);
  const handle = platform.client.workflow.getHandle(workflowIds.run(id));
  const result = (await handle.result()) as RunResult;
  const asked = (performance.now() - began) / 1_000;
  if (result.status !== 'ok') throw new Error(`run ${id} of ${name} ended as ${result.status}: ${JSON.stringify(result).slice(0, 1_000)}`);
  const { startTime, closeTime } = await handle.describe();
  return {
    seconds: round((closeTime!.getTime() - startTime.getTime()) / 1_000),
    asked_seconds: round(asked),
    cpu_seconds: round(cpuOf([worker]) - before.worker),
    platform_cpu_seconds: round(cpuOf(parts) - before.all),
    rss_mb: peakOf(worker),
  };
}

async function start({ stage }: Platform, name: string): Promise<string> {
  const answer = await fetch(`${stage.url}/api/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.token('operator')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ runbook: name, reason: 'fan-out is measured', by: 'chen' }),
  });
  if (answer.status !== 201) throw new Error(`the run was answered with ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { readonly run: { readonly id: string } }).run.id;
}

async function best(times: number, measure: () => Promise<RunCost>): Promise<RunCost> {
  let least = await measure();
  for (let n = 1; n < times; n += 1) {
    const next = await measure();
    if (next.seconds < least.seconds) least = next;
  }
  return least;
}

function pidOf(place: Place, part: PartName): number {
  const pid = readState(place, part)?.process?.pid;
  if (pid === undefined) throw new Error(`the ${part} does not run`);
  return pid;
}

const ticks = 100;

/** Processor seconds of these processes and all below them, the ended ones too. */
function cpuOf(pids: readonly number[]): number {
  const all = pids.flatMap((pid) => [pid, ...descendants(pid)]);
  return all.reduce((sum, pid) => sum + used(pid), 0) / ticks;
}

function used(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which may hold anything: utime, stime, cutime, cstime.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  } catch {
    return 0;
  }
}

/** From here on the kernel notes the most memory anew. */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Most memory since {@link forgetPeak}, in MB. */
function peakOf(pid: number): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round((Number(peak) * 1_024) / 1e6);
}
