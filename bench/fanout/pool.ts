import { fork } from 'node:child_process';
import { join } from 'node:path';
import { createLimit } from '../../activities/platform/ssh/limit.ts';
import { createSshPool, type SshPool } from '../../activities/platform/ssh/pool.ts';
import type { Host } from '../../workflows/domain/site.ts';
import type { Cost } from '../rivals/fanout.ts';
import { round } from '../report.ts';

export interface PoolRow {
  readonly cold: Cost;
  readonly warm: Cost;
  readonly job: Cost;
}

/** Acts under way at once, as the durable shell has them. */
const width = 200;

/** The pool alone, in a process of its own, so that nothing measured before it counts. */
export async function measurePool(hosts: readonly Host[]): Promise<PoolRow> {
  const child = fork(join(__dirname, 'pool-child'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise<PoolRow>((resolve, reject) => {
    child.once('message', (row) => resolve(row as PoolRow));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the process that measures the pool ended with ${code}`)));
    child.send(hosts);
  });
}

export async function poolRow(hosts: readonly Host[]): Promise<PoolRow> {
  const pool = createSshPool({ lookup: () => undefined });
  const read = (host: Host) => pool.exec(host, { argv: ['true'], timeout_ms: 60_000 });
  const job = (turn: number) => (host: Host) =>
    pool.job(host, {
      key: `fanout-${hosts.length}-${turn}-${host.name}`,
      argv: ['true'],
      limit_ms: null,
      signal: new AbortController().signal,
    });
  try {
    const cold = await cost(pool, hosts, read);
    const warm = best([await cost(pool, hosts, read), await cost(pool, hosts, read), await cost(pool, hosts, read)]);
    return { cold, warm, job: best([await cost(pool, hosts, job(1)), await cost(pool, hosts, job(2))]) };
  } finally {
    pool.close();
  }
}

async function cost(pool: SshPool, hosts: readonly Host[], act: (host: Host) => Promise<{ readonly exit: number | null }>): Promise<Cost> {
  const limit = createLimit(width);
  const began = performance.now();
  const cpu = process.cpuUsage();
  const ends = await Promise.all(hosts.map((host) => limit.run(() => act(host))));
  const used = process.cpuUsage(cpu);
  const failed = ends.filter((end) => end.exit !== 0).length;
  if (failed > 0) throw new Error(`${failed} of ${hosts.length} hosts failed; pool: ${JSON.stringify(pool.stats())}`);
  return {
    seconds: round((performance.now() - began) / 1_000),
    cpu_seconds: round((used.user + used.system) / 1e6),
    rss_mb: Math.round(process.memoryUsage().rss / 1e6),
  };
}

function best(costs: readonly Cost[]): Cost {
  return costs.reduce((least, each) => (each.seconds < least.seconds ? each : least));
}
