import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSshPool } from '../activities/platform/ssh/pool.ts';
import { copyFile } from '../activities/platform/ssh/transfer/copy.ts';
import { createLab } from '../test/lab/lab.ts';
import { must } from '../test/lab/run.ts';
import { openMaster } from './rivals/openssh.ts';
import { table, timed } from './rivals/table.ts';
import { atLeast, atMost, round, spread, type BenchOptions, type Measured } from './report.ts';

const rounds = 200;
const megabytes = 200;
const transfers = 5;

/** One host, warm: our pool beside OpenSSH with ControlMaster and scp, turn by turn so that both see the same machine. */
export async function bench({ say }: BenchOptions): Promise<Measured> {
  const lab = await createLab({ hosts: [{ name: 'one' }] });
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const pool = createSshPool({ lookup: () => undefined });
  const host = lab.host('one');
  const master = await openMaster({ host, folder });
  const never = new AbortController().signal;
  const exec = () => pool.exec(host, { argv: ['true'], timeout_ms: 10_000 });
  const job = (key: string) => pool.job(host, { key, argv: ['true'], limit_ms: null, signal: never });
  try {
    for (let warm = 0; warm < 20; warm += 1) await Promise.all([exec(), master.run('true')]);
    say(`${rounds} rounds of exec, job, re-attach, ControlMaster`);
    const times = { exec: [] as number[], job: [] as number[], attach: [] as number[], master: [] as number[] };
    for (let at = 0; at < rounds; at += 1) {
      times.exec.push(await timed(exec));
      times.master.push(await timed(() => master.run('true')));
      times.job.push(await timed(() => job(`bench-${at}`)));
      times.attach.push(await timed(() => job(`bench-${at}`)));
    }

    say(`${transfers} times ${megabytes} MB: stream, get, put`);
    const source = join(folder, 'source');
    writeFileSync(source, randomBytes(megabytes * 1024 * 1024));
    await must([...master.scp, source, `${master.target}:/tmp/data`]);
    const moved = {
      stream: [] as number[],
      get: [] as number[],
      put: [] as number[],
      ssh_cat: [] as number[],
      scp_get: [] as number[],
      scp_put: [] as number[],
    };
    const here = (path: string) => ({ host: null, path });
    const there = (path: string) => ({ host, path });
    const copy = (from: Parameters<typeof copyFile>[0]['from'], to: typeof from) =>
      copyFile({ pool, from, to, mode: null, key: 'bench', signal: never });
    let rss = 0;
    for (let at = 0; at < transfers; at += 1) {
      const before = process.memoryUsage().rss;
      moved.stream.push(await timed(() => pool.exec(host, { argv: ['cat', '/tmp/data'], timeout_ms: 60_000, cap: 0 })));
      rss = Math.max(rss, process.memoryUsage().rss - before);
      moved.ssh_cat.push(await timed(() => master.run('cat /tmp/data >/dev/null', true)));
      moved.get.push(await timed(() => copy(there('/tmp/data'), here(join(folder, 'got')))));
      moved.scp_get.push(await timed(() => must([...master.scp, `${master.target}:/tmp/data`, join(folder, 'got-scp')])));
      moved.put.push(await timed(() => copy(here(source), there('/tmp/put'))));
      moved.scp_put.push(await timed(() => must([...master.scp, source, `${master.target}:/tmp/put-scp`])));
    }
    const size = statSync(source).size / 1e6;
    const rate = (values: readonly number[]): number => round((size / spread(values).p50) * 1_000);
    const latency = { exec: spread(times.exec), master: spread(times.master), job: spread(times.job), attach: spread(times.attach) };
    const rates = {
      stream: rate(moved.stream),
      ssh_cat: rate(moved.ssh_cat),
      get: rate(moved.get),
      scp_get: rate(moved.scp_get),
      put: rate(moved.put),
      scp_put: rate(moved.scp_put),
    };
    say(tables(latency, rates));
    return {
      figures: {
        latency_ms: latency,
        mb_per_s: rates,
        stream_rss_growth_mb: Math.round(rss / 1e6),
        note: 'get and put include sha256 on both sides, fsync and rename; scp does none of them',
      },
      bars: [
        atMost('exec / ControlMaster, p50', latency.exec.p50 / latency.master.p50, 0.5),
        atMost('job over exec, ms, p50', latency.job.p50 - latency.exec.p50, 40, 'ms'),
        atMost('re-attach over exec, ms, p50', latency.attach.p50 - latency.exec.p50, 15, 'ms'),
        atLeast('stream / ssh cat', rates.stream / rates.ssh_cat, 0.8),
        atLeast('sftp get / scp', rates.get / rates.scp_get, 0.75),
        atLeast('sftp put / scp', rates.put / rates.scp_put, 0.75),
      ],
    };
  } finally {
    await master.close();
    pool.close();
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Latency = Readonly<Record<'exec' | 'master' | 'job' | 'attach', ReturnType<typeof spread>>>;
type Rates = Readonly<Record<'stream' | 'ssh_cat' | 'get' | 'scp_get' | 'put' | 'scp_put', number>>;

function tables(latency: Latency, rates: Rates): string {
  const row = (name: string, { p50, p90, p99 }: Latency['exec']) => [name, p50, p90, p99];
  return `${table(
    ['one host, warm, ms', 'p50', 'p90', 'p99'],
    [
      row('pooled exec', latency.exec),
      row('ssh, ControlMaster', latency.master),
      row('keyed job, start to done', latency.job),
      row('keyed job, re-attach', latency.attach),
    ],
  )}\n\n${table(
    [`${megabytes} MB, MB/s`, 'ours', 'rival'],
    [
      ['stream (ssh cat)', rates.stream, rates.ssh_cat],
      ['get, proven (scp)', rates.get, rates.scp_get],
      ['put, proven (scp)', rates.put, rates.scp_put],
    ],
  )}\n`;
}
