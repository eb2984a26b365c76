import { createFleet, type Fleet } from './rivals/fleet.ts';
import { rivals, type Cost } from './rivals/fanout.ts';
import { table } from './rivals/table.ts';
import { measurePool, type PoolRow } from './fanout/pool.ts';
import { measureRuns, type RunRow } from './fanout/run.ts';
import { atLeast, atMost, round, type BenchOptions, type Measured } from './report.ts';

const sizes = [100, 300, 1_000] as const;

interface Row {
  readonly runbook: RunRow;
  readonly pool: PoolRow;
  readonly rivals: Readonly<Record<string, Cost>>;
}

/**
 * One command on many hosts: by a run of a runbook with one `each` step on a whole platform, cold, warm and as a keyed job, and by
 * our pool alone; beside the tools people use. Bars are on the runs. Sizes may be named: `300`.
 */
export async function bench({ say, args }: BenchOptions): Promise<Measured> {
  const wanted = args.length === 0 ? sizes : sizes.filter((size) => args.includes(String(size)));
  if (wanted.length === 0)
    throw new Error(`cannot measure sizes "${args.join(' ')}": they are ${sizes.join(', ')}; for example: npm run bench -- fanout 100 300`);
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
  const worst = (of: keyof RunRow) => Math.min(...rows.map(([size, row]) => size / row.runbook[of].seconds / fastest(size, row)));
  const memory = rows.flatMap(([, { runbook }]) => [runbook.cold.rss_mb, runbook.warm.rss_mb, runbook.job.rss_mb]);
  return {
    figures: Object.fromEntries(rows.map(([size, row]) => [`hosts_${size}`, row])),
    bars: [
      atLeast('read by a run, warm / fastest rival, worst size', worst('warm'), 8),
      atLeast('read by a run, cold / fastest rival, worst size', worst('cold'), 0.9),
      atLeast('keyed job by a run, warm / fastest rival, worst size', worst('job'), 1.5),
      atMost('client memory, the worker', Math.max(...memory), 250, 'MB'),
    ],
  };
}

async function measureSize(fleet: Fleet, size: number, say: (line: string) => void): Promise<Row> {
  const hosts = fleet.hosts.slice(0, size);
  const runbook = await measureRuns(hosts, say);
  const pool = await measurePool(hosts);
  say(`${size} hosts by the pool alone: cold ${pool.cold.seconds} s, warm ${pool.warm.seconds} s, keyed job ${pool.job.seconds} s`);
  const others: Record<string, Cost> = {};
  for (const rival of rivals()) {
    // Ansible needs 80 ms of processor per host: at 1,000 it would only show that again, for minutes.
    if (rival.sizes_max < size) continue;
    others[rival.name] = await rival.run(fleet, size, 'true');
    say(`${size} hosts: ${rival.name} ${others[rival.name]!.seconds} s`);
  }
  return { runbook, pool, rivals: others };
}

/** Hosts per second of the fastest rival. */
function fastest(size: number, row: Row): number {
  const all = Object.values(row.rivals);
  if (all.length === 0) throw new Error('Compare with rivals: none is installed; apt-get install pssh clustershell');
  return Math.max(...all.map((each) => size / each.seconds));
}

function tableOf(size: number, { runbook, pool, rivals: others }: Row): string {
  const line = (name: string, each: Cost) => [name, each.seconds, round(size / each.seconds), each.cpu_seconds, each.rss_mb];
  return `${table(
    [`${size} hosts, true`, 's', 'hosts/s', 'client CPU s', 'client MB'],
    [
      line('runbook, read, cold', runbook.cold),
      line('runbook, read, warm', runbook.warm),
      line('runbook, keyed job, warm', runbook.job),
      line('pool alone, cold', pool.cold),
      line('pool alone, warm', pool.warm),
      line('pool alone, keyed job, warm', pool.job),
      ...Object.entries(others).map(([name, each]) => line(name, each)),
    ],
  )}\n`;
}
