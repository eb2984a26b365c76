import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '../../../activities/platform/errors.ts';
import type { Account } from './account.ts';

export interface Cluster {
  /** PGDATA. */
  readonly data: string;
  readonly password: string;
  readonly home: string;
  readonly account: Account | null;
}

export interface ClusterOptions {
  /** Folder that holds `data/` and the password file. */
  readonly directory: string;
  /** Folder with the PostgreSQL programs. */
  readonly home: string;
  readonly account: Account | null;
  /** `false` only for throw-away clusters of tests. */
  readonly sync?: boolean;
}

/** Opens the cluster in a folder, or makes it: UTF-8, SCRAM, the password beside it with mode 0600. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { directory, home, account } = options;
  const data = join(directory, 'data');
  const secret = join(directory, 'password');
  if (existsSync(join(data, 'PG_VERSION'))) {
    await sameMajor(data, home);
    return { data, home, account, password: readFileSync(secret, 'utf8').trim() };
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  own(directory, account);
  chmodSync(directory, 0o700);
  const password = randomBytes(24).toString('base64url');
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  own(secret, account);
  // initdb works beside and is moved into place whole, so a kill in the middle leaves nothing half made.
  const fresh = join(directory, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  await initdb(fresh, secret, options);
  renameSync(fresh, data);
  return { data, home, account, password };
}

async function initdb(data: string, secret: string, options: ClusterOptions): Promise<void> {
  const args = [
    '-D',
    data,
    '--username=postgres',
    `--pwfile=${secret}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  if (options.sync === false) args.push('--no-sync');
  const { code, output } = await program(join(options.home, 'bin', 'initdb'), args, options.account);
  if (code === 0) return;
  throw new TocsinError(
    `cannot create the records database in "${data}": initdb ended with ${code}: ${output.trim().split('\n').slice(-3).join(' ')}`,
    {
      code: 'E-RECORDS-INIT',
      hint: 'Look at free space (df -h) and at who may write there, or set DATABASE_URL to a PostgreSQL of your own.',
    },
  );
}

async function sameMajor(data: string, home: string): Promise<void> {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const { output } = await program(join(home, 'bin', 'postgres'), ['--version'], null);
  const wanted = /\) (\d+)/.exec(output)?.[1] ?? '?';
  if (found === wanted) return;
  throw new TocsinError(`the records in "${data}" were written by PostgreSQL ${found}, but this Tocsin brings PostgreSQL ${wanted}`, {
    code: 'E-RECORDS-VERSION',
    hint: `Dump them with the Tocsin that wrote them (pg_dump "$DATABASE_URL") and load the dump into a new data directory, or run PostgreSQL ${found} yourself and set DATABASE_URL.`,
  });
}

function program(file: string, args: readonly string[], account: Account | null): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

function own(path: string, account: Account | null): void {
  if (account) chownSync(path, account.uid, account.gid);
}
