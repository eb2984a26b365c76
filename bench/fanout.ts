import { createSshPool, type SshPool } from '../activities/platform/ssh/pool.ts';
import { createLimit } from '../activities/platform/ssh/limit.ts';
import type { Host } from '../workflows/domain/site.ts';
import { createFleet, type Fleet } from './rivals/fleet.ts';
import { rivals, type Cost } from './rivals/fanout.ts';
import { table } from './rivals/table.ts';
import { atLeast, atMost, round, type BenchOptions, type Measured } from './report.ts';

const sizes = [100, 300, 1_000] as const;
/** Acts under way at once, as the durable shell has them. */
const width = 200;

type Row = Readonly<Record<'cold' | 'warm' | 'job', Cost>> & { readonly rivals: Readonly<Record<string, Cost>> };

/** One command on many hosts: our pool cold, warm, and as a keyed job, beside the tools people use. */
export async function bench({ say, args }: BenchOptions): Promise<Measured> {
  const wanted = args.length === 0 ? sizes : sizes.filter((size) => args.includes(String(size)));
  const fleet = await createFleet(Math.max(...wanted));
  const rows: [number, Row][] = [];
  try {
    for (const size of wanted) {
      const row = await measureSize(fleet, size, say);
      rows.push([size, row]);
      say(tableOf(size, row));
    }
  } finally {
    await fleet.stop();
  }
  const ratio = (size: number, row: Row, of: 'cold' | 'warm' | 'job') => size / row[of].seconds / fastest(size, row);
  const worst = (of: 'cold' | 'warm' | 'job') => Math.min(...rows.map(([size, row]) => ratio(size, row, of)));
  return {
    figures: Object.fromEntries(rows.map(([size, row]) => [`hosts_${size}`, row])),
    bars: [
      atLeast('warm read / fastest rival, worst size', worst('warm'), 8),
      atLeast('cold read / fastest rival, worst size', worst('cold'), 0.9),
      atLeast('keyed job, warm / fastest rival, worst size', worst('job'), 1.5),
      atMost('client memory', Math.max(...rows.map(([, row]) => Math.max(row.cold.rss_mb, row.warm.rss_mb, row.job.rss_mb))), 250, 'MB'),
    ],
  };
}

async function measureSize(fleet: Fleet, size: number, say: (line: string) => void): Promise<Row> {
  const hosts = fleet.hosts.slice(0, size);
  const pool = createSshPool({ lookup: () => undefined });
  const exec = (host: Host) => pool.exec(host, { argv: ['true'], timeout_ms: 60_000 });
  let round = 0;
  const job = (host: Host) =>
    pool.job(host, { key: `fanout-${size}-${round}-${host.name}`, argv: ['true'], limit_ms: null, signal: new AbortController().signal });
  try {
    say(`${size} hosts: cold, warm, keyed job`);
    const cold = await cost(pool, hosts, exec);
    const warm = best([await cost(pool, hosts, exec), await cost(pool, hosts, exec), await cost(pool, hosts, exec)]);
    const jobs: Cost[] = [];
    for (round = 1; round <= 2; round += 1) jobs.push(await cost(pool, hosts, job));
    say(`${size} hosts: cold ${cold.seconds} s, warm ${warm.seconds} s, keyed job ${best(jobs).seconds} s`);
    pool.close();
    const others: Record<string, Cost> = {};
    for (const rival of rivals()) {
      // Ansible needs 80 ms of processor per host: at 1,000 it would only show that again, for minutes.
      if (rival.sizes_max < size) continue;
      others[rival.name] = await rival.run(fleet, size, 'true');
      say(`${size} hosts: ${rival.name} ${others[rival.name]!.seconds} s`);
    }
    return { cold, warm, job: best(jobs), rivals: others };
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

/** Hosts per second of the fastest rival. */
function fastest(size: number, row: Row): number {
  const all = Object.values(row.rivals);
  if (all.length === 0) throw new Error('Compare with rivals: none is installed; apt-get install pssh clustershell');
  return Math.max(...all.map((each) => size / each.seconds));
}

function tableOf(size: number, row: Row): string {
  const line = (name: string, each: Cost) => [name, each.seconds, round(size / each.seconds), each.cpu_seconds, each.rss_mb];
  return `${table(
    [`${size} hosts, true`, 's', 'hosts/s', 'client CPU s', 'client MB'],
    [
      line('pool, cold', row.cold),
      line('pool, warm', row.warm),
      line('keyed job, warm', row.job),
      ...Object.entries(row.rivals).map(([name, each]) => line(name, each)),
    ],
  )}\n`;
}
