import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { openPlatform } from '../test/support/platform.ts';
import type { Platform } from '../test/support/platform.ts';
import { queries, updates, workflowIds } from '../workflows/messages.ts';
import type { RunView } from '../workflows/messages.ts';
import type { Move } from '../workflows/core/run.ts';
import { atMost, numberFlag, round, spread } from './report.ts';
import type { BenchOptions, Measured } from './report.ts';

const runbook = `runbook: waiting
version: 1
title: A run that waits for a person
owner: tests
steps:
  - id: agree
    approve: { ask: "Go on?", by: { role: commander, quorum: 1 } }
  - id: done
    set: { agreed: true }
`;

/** Clock ticks of /proc/PID/stat per second on Linux. */
const ticks_s = 100;

/** Many runs that wait on approval: what they cost the worker in memory, and in CPU while nothing happens. */
export async function bench({ args, say }: BenchOptions): Promise<Measured> {
  const runs = numberFlag(args, 'runs', 5_000);
  const idle_s = numberFlag(args, 'idle', 30);
  const post = await openSink();
  const platform = await openPlatform({
    hosts: 'hosts: {}\n',
    runbooks: { 'waiting.yaml': runbook },
    settings: `mail: { host: 127.0.0.1, port: ${post.port}, from: tocsin@example.test }\n`,
    files: { 'people.yaml': 'people:\n  ann: { title: Ann, mail: ann@example.test, roles: [commander] }\n' },
  });
  try {
    await platform.up();
    // What the first runs load, every worker has; it is not the price of waiting.
    await begin(platform, { from: 0, to: 100, say });
    await settled(platform, 100);
    const pid = platform.pid('worker');
    await sleep(15_000);
    const before_mb = rss(pid);
    const began = Date.now();
    await begin(platform, { from: 100, to: runs + 100, say });
    await settled(platform, runs + 100);
    const started_s = (Date.now() - began) / 1_000;
    // The last mails go out, and the threads come to rest.
    await sleep(15_000);
    const used = cpu(pid);
    await sleep(idle_s * 1_000);
    const idle_percent = ((cpu(pid) - used) / ticks_s / idle_s) * 100;
    const after_mb = rss(pid);
    const approve_ms = await approveSome(platform, runs);
    if (platform.pid('worker') !== pid) throw new Error('the worker was started again while it was measured');
    return {
      figures: {
        runs,
        start_all_s: round(started_s),
        starts_per_s: round(runs / started_s),
        worker_rss_before_mb: round(before_mb),
        worker_rss_after_mb: round(after_mb),
        idle_cpu_percent: round(idle_percent),
        approve_one_of_them_ms: spread(approve_ms),
      },
      bars: [
        atMost('growth of the worker', after_mb - before_mb, 200, 'MB'),
        atMost('CPU of the worker while all wait', idle_percent, 5, '%'),
      ],
    };
  } finally {
    await platform.close();
    post.close();
  }
}

/** A mail server that takes everything and keeps nothing: every run asks its person by mail, as in earnest. */
async function openSink(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData: (stream, _, done) => {
      stream.resume();
      stream.on('end', () => done());
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
}

async function begin(
  platform: Platform,
  { from, to, say }: { readonly from: number; readonly to: number; readonly say: BenchOptions['say'] },
): Promise<void> {
  let at = from;
  async function lane(): Promise<void> {
    while (at < to) {
      const number = at++;
      await platform.start('waiting.yaml', `wait-${number}`);
      if (number % 500 === 499) say(`${number + 1} of ${to} started`);
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane));
}

/** Waits until the records know of every run that it waits for a person. */
async function settled(platform: Platform, count: number): Promise<void> {
  for (;;) {
    const found = await platform.records().pool.query<{ n: number }>("select count(*)::int as n from run where status = 'waiting'");
    if ((found.rows[0]?.n ?? 0) >= count) return;
    await sleep(500);
  }
}

/** Runs that left the worker's memory long ago are loaded again: how long a person waits for that. */
async function approveSome(platform: Platform, runs: number): Promise<number[]> {
  const client = await platform.client();
  const taken: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const handle = client.workflow.getHandle(workflowIds.run(`wait-${Math.floor((n * runs) / 20)}`));
    const began = performance.now();
    await handle.executeUpdate<unknown, [Move]>(updates.runMove, {
      args: [{ id: `m${n}`, by: 'ann', reason: 'bench', kind: 'approve', step: 'agree' }],
      updateId: `m${n}`,
    });
    taken.push(performance.now() - began);
  }
  const view = await client.workflow.getHandle(workflowIds.run('wait-0')).query<RunView>(queries.state);
  if (view.status !== 'ok') throw new Error(`an approved run is ${view.status}`);
  return taken;
}

function rss(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function cpu(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
