import { execFileSync } from 'node:child_process';
import { TocsinError } from '../../../activities/platform/errors.ts';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so root lends it the account `postgres`, made when missing.
 * `null` = we are not root and run it as ourselves.
 */
export function postgresAccount(name = 'postgres'): Account | null {
  if (process.getuid?.() !== 0) return null;
  return lookUp(name) ?? create(name);
}

function lookUp(name: string): Account | null {
  try {
    const uid = Number(id(['-u', name]));
    const gid = Number(id(['-g', name]));
    return { name, uid, gid };
  } catch {
    return null;
  }
}

function create(name: string): Account {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name], { stdio: 'pipe' });
  } catch (cause) {
    throw new TocsinError(
      `cannot create the account "${name}" that runs the records database: ${String((cause as Error).message).trim()}`,
      {
        code: 'E-RECORDS-ACCOUNT',
        hint: `Create it (useradd --system ${name}), start tocsin as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.`,
        cause,
      },
    );
  }
  const account = lookUp(name);
  if (account) return account;
  throw new TocsinError(`the account "${name}" was created but cannot be found`, {
    code: 'E-RECORDS-ACCOUNT',
    hint: `Look at: id ${name}`,
  });
}

function id(args: readonly string[]): string {
  return execFileSync('id', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
