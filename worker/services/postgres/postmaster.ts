import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { processId, spawnBound, stopProcess } from '../process.ts';
import type { Cluster } from './cluster.ts';

export interface PostmasterOptions {
  readonly cluster: Cluster;
  /** Port on 127.0.0.1; nothing else is listened on, not even a unix socket. */
  readonly port: number;
  /** Server settings besides ours, `name=value`. */
  readonly settings?: readonly string[];
  readonly stdio?: 'ignore' | 'inherit' | readonly ['ignore', number, number];
}

/** URL of a database of this cluster, password included: never log it. */
export function databaseUrl(cluster: Cluster, port: number, database: string): string {
  return `postgres://postgres:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${database}`;
}

/** Starts the server as our child; it does not outlive us. Ask {@link waitForPostgres} when it answers. */
export async function startPostmaster(options: PostmasterOptions): Promise<ChildProcess> {
  const { cluster, port } = options;
  await clearLeftover(cluster.data);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'log_timezone=UTC',
    'timezone=UTC',
    'max_connections=100',
    ...(options.settings ?? []),
  ];
  return spawnBound({
    command: join(cluster.home, 'bin', 'postgres'),
    args: ['-D', cluster.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: options.stdio === undefined ? 'ignore' : typeof options.stdio === 'string' ? options.stdio : [...options.stdio],
    account: cluster.account,
    // Fast shutdown: a polite one would wait for every client to leave.
    onParentDeath: 'SIGINT',
  });
}

/** A server of an earlier life is stopped; a pid file that names somebody else's process is only a leaf in the wind. */
export async function clearLeftover(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = Number(readOrEmpty(file).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const id = processId(pid);
  if (id !== null && isPostmasterOf(pid, data)) await stopProcess(id, { signal: 'SIGINT', grace_ms: 20_000 });
  rmSync(file, { force: true });
}

function isPostmasterOf(pid: number, data: string): boolean {
  const args = readOrEmpty(`/proc/${pid}/cmdline`).split('\0');
  // Without /proc nothing can be proven: PostgreSQL's own check of the pid file decides then.
  return args.includes(data) && (args[0] ?? '').endsWith('postgres');
}

/** Resolves once a query is answered; throws after `timeout_ms`. */
export async function waitForPostgres(url: string, timeout_ms = 30_000): Promise<void> {
  const end = Date.now() + timeout_ms;
  let last: unknown;
  while (Date.now() < end) {
    try {
      await query(url, 'select 1');
      return;
    } catch (error) {
      last = error;
      await sleep(50);
    }
  }
  throw new TocsinError(
    `the records database does not answer within ${timeout_ms / 1000} s: ${String((last as Error | undefined)?.message ?? last)}`,
    {
      code: 'E-RECORDS-START',
      retry: true,
      hint: 'Read logs/records.log in the data directory; tocsin doctor names the usual causes.',
    },
  );
}

/** Makes the database when it is missing. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const found = await query(adminUrl, 'select 1 from pg_database where datname = $1', [name]);
  if (found.length === 0) await query(adminUrl, `create database "${name.replaceAll('"', '""')}"`);
}

export async function query(url: string, sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A server that goes away under an idle client must not end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql, [...values])).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
