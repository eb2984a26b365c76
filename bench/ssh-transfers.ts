import { randomBytes } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshPool } from '../activities/platform/ssh/pool.ts';
import { copyFile } from '../activities/platform/ssh/transfer/copy.ts';
import { openPlace, type Place } from '../activities/platform/ssh/transfer/place.ts';
import { pump } from '../activities/platform/ssh/transfer/pump.ts';
import { must } from '../test/lab/run.ts';
import type { Host } from '../workflows/domain/site.ts';
import { round, spread } from './report.ts';
import type { openMaster } from './rivals/openssh.ts';
import { timed } from './rivals/table.ts';

export interface TransfersOptions {
  readonly pool: SshPool;
  readonly host: Host;
  readonly master: Awaited<ReturnType<typeof openMaster>>;
  readonly folder: string;
  readonly megabytes: number;
  readonly times: number;
}

const names = [
  'stream',
  'ssh_cat',
  'get',
  'scp_get',
  'put',
  'scp_put',
  'get_proven',
  'scp_get_proven',
  'put_proven',
  'scp_put_proven',
] as const;

/** MB/s, median. */
export type Rates = Readonly<Record<(typeof names)[number], number>>;

/** Like beside like: bytes alone beside scp, the proven copy beside scp with sync and sums, turn by turn. */
export async function measureTransfers(options: TransfersOptions): Promise<{ readonly rates: Rates; readonly rss: number }> {
  const { pool, host, master, folder } = options;
  const never = new AbortController().signal;
  const source = join(folder, 'source');
  writeFileSync(source, randomBytes(options.megabytes * 1024 * 1024));
  await must([...master.scp, source, `${master.target}:/tmp/data`]);
  const here = (path: string): Place => ({ host: null, path: join(folder, path) });
  const there = (path: string): Place => ({ host, path: `/tmp/${path}` });
  const proven = (from: Place, to: Place) => copyFile({ pool, from, to, mode: null, key: 'bench', signal: never });
  const scp = (from: string, to: string) => must([...master.scp, from, to]);
  // The faster one of the programs that sum, for the rival as for us.
  const sums = (local: string, remote: string) =>
    Promise.all([must(['openssl', 'dgst', '-sha256', '-r', local]), master.run(`openssl dgst -sha256 -r ${remote}`, true)]);

  /** What scp does, with our own transport: opened, moved, closed; no sum, no flush. */
  async function alone(from: Place, to: Place): Promise<void> {
    const opened = [await openPlace(from, { pool, signal: never }), await openPlace(to, { pool, signal: never })] as const;
    const ends = [await opened[0].open(from.path, 'read'), await opened[1].open(to.path, 'write')] as const;
    await pump({ from: ends[0], to: ends[1], signal: never, hash: null });
    for (const end of ends) await end.close();
    for (const place of opened) place.release();
  }

  const runs: Readonly<Record<(typeof names)[number], () => Promise<unknown>>> = {
    stream: () => pool.exec(host, { argv: ['cat', '/tmp/data'], timeout_ms: 60_000, cap: 0 }),
    ssh_cat: () => master.run('cat /tmp/data >/dev/null', true),
    get: () => alone(there('data'), here('got')),
    scp_get: () => scp(`${master.target}:/tmp/data`, join(folder, 'got-scp')),
    put: () => alone(here('source'), there('put')),
    scp_put: () => scp(source, `${master.target}:/tmp/put-scp`),
    get_proven: () => proven(there('data'), here('got-proven')),
    scp_get_proven: async () => {
      const to = join(folder, 'got-scp-proven');
      await scp(`${master.target}:/tmp/data`, to);
      await must(['sync', to]);
      await sums(to, '/tmp/data');
    },
    put_proven: () => proven(here('source'), there('put-proven')),
    scp_put_proven: async () => {
      await scp(source, `${master.target}:/tmp/put-scp-proven`);
      await master.run('sync /tmp/put-scp-proven', true);
      await sums(source, '/tmp/put-scp-proven');
    },
  };
  const took = new Map(names.map((name) => [name, [] as number[]]));
  let rss = 0;
  for (let at = 0; at < options.times; at += 1) {
    for (const name of names) {
      const before = process.memoryUsage().rss;
      took.get(name)!.push(await timed(runs[name]));
      if (name === 'stream') rss = Math.max(rss, process.memoryUsage().rss - before);
    }
  }
  const size = statSync(source).size / 1e6;
  const rates = Object.fromEntries(names.map((name) => [name, round((size / spread(took.get(name)!).p50) * 1_000)])) as Rates;
  return { rates, rss };
}
