import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { TocsinError } from '../platform/errors.ts';

/** Any constant will do; it only has to be ours. */
const migrationLock = 7780_0001;

export interface Migrated {
  /** File names applied by this call, in order. */
  readonly applied: readonly string[];
}

/**
 * Brings the schema up to date: every `NNNN-word.sql` in order, each in its own transaction, one process at a time.
 * @throws TocsinError `E-RECORDS-MIGRATION` when an applied file was edited, or the database is newer than this program.
 */
export async function migrate(pool: Pool, folder: string = join(__dirname, 'migrations')): Promise<Migrated> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).sort();
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      'create table if not exists migration (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
    );
    const known = new Map(
      (await client.query<{ name: string; sha256: string }>('select name, sha256 from migration')).rows.map((row) => [
        row.name,
        row.sha256,
      ]),
    );
    for (const name of known.keys()) {
      if (!files.includes(name))
        throw new TocsinError(`migrating the records: "${name}" was applied but is not known here`, {
          code: 'E-RECORDS-MIGRATION',
          hint: 'These records belong to a newer version; install that version or restore a backup.',
        });
    }
    const applied: string[] = [];
    for (const name of files) {
      const sql = await readFile(join(folder, name), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      const before = known.get(name);
      if (before === sha256) continue;
      if (before !== undefined)
        throw new TocsinError(`migrating the records: "${name}" was changed after it had been applied`, {
          code: 'E-RECORDS-MIGRATION',
          hint: 'Put the file back and write a new one with the next number.',
        });
      try {
        await client.query('begin');
        await client.query(sql);
        await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw new TocsinError(`migrating the records: "${name}" failed: ${(error as Error).message}`, {
          code: 'E-RECORDS-MIGRATION',
          cause: error,
        });
      }
      applied.push(name);
    }
    return { applied };
  } finally {
    // A closed connection gives the lock back too; `release(true)` keeps it out of the pool.
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    client.release();
  }
}
