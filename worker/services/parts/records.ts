import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { Pool } from 'pg';
import { migrate } from '../../../activities/records/migrate.ts';
import type { Part } from '../part.ts';
import type { Place } from '../place.ts';
import { postgresAccount } from '../postgres/account.ts';
import type { Account } from '../postgres/account.ts';
import { postgresHome, readableBy, sharedDirectory } from '../postgres/binaries.ts';
import { openCluster } from '../postgres/cluster.ts';
import { clearLeftover, databaseUrl, ensureDatabase, startPostmaster, waitForPostgres } from '../postgres/postmaster.ts';
import { requireFreePort } from '../taken.ts';

export const database = 'tocsin';

/** The embedded PostgreSQL of a site. */
export function recordsPart(place: Place, port: number): Part {
  let url = '';
  return {
    name: 'records',
    port,
    stop: { signal: 'SIGINT', grace_ms: 20_000 },
    launch: async (log) => {
      const account = postgresAccount();
      const cluster = await openCluster({ directory: recordsDirectory(place, account), home: postgresHome(account), account });
      await clearLeftover(cluster.data);
      await requireFreePort(port, 'records.port', 'records');
      url = databaseUrl(cluster, port, 'postgres');
      return startPostmaster({ cluster, port, stdio: ['ignore', log, log] });
    },
    ready: async () => {
      await waitForPostgres(url);
      await ensureDatabase(url, database);
      await migrateRecords(localDatabaseUrl(place, port)!);
    },
  };
}

/** Brings the tables up to date; safe to call from several processes at once. */
export async function migrateRecords(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
}

/** URL of the embedded records of a site, or `null` when they have never been started. */
export function localDatabaseUrl(place: Place, port: number): string | null {
  const file = join(pointedTo(place), 'password');
  if (!existsSync(file)) return null;
  return `postgres://postgres:${encodeURIComponent(readFileSync(file, 'utf8').trim())}@127.0.0.1:${port}/${database}`;
}

/**
 * Folder of the cluster. Run by root, PostgreSQL works as another account: when that account cannot reach the site's
 * data directory (below /root, say) the cluster stands in /var/lib/tocsin and a file here says where.
 */
function recordsDirectory(place: Place, account: Account | null): string {
  const known = pointedTo(place);
  if (known !== place.records || existsSync(join(place.records, 'data'))) return known;
  mkdirSync(place.records, { recursive: true, mode: 0o755 });
  if (account === null || readableBy(account, dirname(place.records))) return place.records;
  const elsewhere = join(sharedDirectory, `records-${createHash('sha256').update(place.records).digest('hex').slice(0, 12)}`);
  mkdirSync(sharedDirectory, { recursive: true, mode: 0o755 });
  writeFileSync(pointer(place), `${elsewhere}\n`);
  return elsewhere;
}

const pointer = (place: Place) => join(place.records, 'moved-to');

function pointedTo(place: Place): string {
  return existsSync(pointer(place)) ? readFileSync(pointer(place), 'utf8').trim() : place.records;
}
