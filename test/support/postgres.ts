import { freePort } from '../../worker/services/ports.ts';
import { postgresAccount } from '../../worker/services/postgres/account.ts';
import { postgresHome } from '../../worker/services/postgres/binaries.ts';
import { openCluster } from '../../worker/services/postgres/cluster.ts';
import { databaseUrl, query, startPostmaster, waitForPostgres } from '../../worker/services/postgres/postmaster.ts';
import { processId } from '../../worker/services/process.ts';
import { shared } from './registry.ts';
import type { Shared } from './registry.ts';

export interface Database {
  /** `postgres://…/name` of an empty database. */
  readonly url: string;
  /** Drops it, connections or not. */
  readonly close: () => Promise<void>;
}

/** An empty database on the one real PostgreSQL of this jest run. */
export async function freshDatabase(): Promise<Database> {
  const admin = await adminUrl();
  const name = `t_${process.pid}_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}`;
  await query(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, close: async () => void (await query(admin, `drop database if exists ${name} with (force)`)) };
}

/** URL of the maintenance database, for tests that need a server and not only a database. */
export function adminUrl(): Promise<string> {
  return shared('postgres', start);
}

async function start(directory: string): Promise<Shared<string>> {
  const account = postgresAccount();
  const cluster = await openCluster({ directory, account, home: postgresHome(account), sync: false });
  const port = await freePort();
  // Durability is what these tests do not need: nothing survives the run anyway.
  const child = await startPostmaster({
    cluster,
    port,
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'],
  });
  child.unref();
  const url = databaseUrl(cluster, port, 'postgres');
  await waitForPostgres(url);
  return { id: processId(child.pid!)!, stop: 'SIGINT', value: url };
}
