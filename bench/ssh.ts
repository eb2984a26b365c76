import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSshPool } from '../activities/platform/ssh/pool.ts';
import { createLab } from '../test/lab/lab.ts';
import { openMaster } from './rivals/openssh.ts';
import { table, timed } from './rivals/table.ts';
import { measureTransfers, type Rates } from './ssh-transfers.ts';
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

    say(`${transfers} times ${megabytes} MB: stream, get, put, alone and proven`);
    const { rates, rss } = await measureTransfers({ pool, host, master, folder, megabytes, times: transfers });
    const latency = { exec: spread(times.exec), master: spread(times.master), job: spread(times.job), attach: spread(times.attach) };
    say(tables(latency, rates));
    return {
      figures: {
        latency_ms: latency,
        mb_per_s: rates,
        stream_rss_growth_mb: Math.round(rss / 1e6),
        proven_to_proven_scp: { get: round(rates.get_proven / rates.scp_get_proven), put: round(rates.put_proven / rates.scp_put_proven) },
        note: 'get and put are one stream of cat where a shell is (SFTP else); they move the bytes and prove nothing, as scp does; "proven" is what a copy step does (sha256 on both sides, fsync, rename), beside scp, sync and sha256 on both sides',
      },
      bars: [
        atMost('exec / ControlMaster, p50', latency.exec.p50 / latency.master.p50, 0.5),
        atMost('job over exec, ms, p50', latency.job.p50 - latency.exec.p50, 40, 'ms'),
        atMost('re-attach over exec, ms, p50', latency.attach.p50 - latency.exec.p50, 15, 'ms'),
        atLeast('stream / ssh cat', rates.stream / rates.ssh_cat, 0.8),
        atLeast('get, one stream / scp', rates.get / rates.scp_get, 0.75),
        atLeast('put, one stream / scp', rates.put / rates.scp_put, 0.75),
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
      ['get (scp)', rates.get, rates.scp_get],
      ['put (scp)', rates.put, rates.scp_put],
      ['get, proven (scp, then sync and sha256 on both sides)', rates.get_proven, rates.scp_get_proven],
      ['put, proven (the same)', rates.put_proven, rates.scp_put_proven],
    ],
  )}\n`;
}
