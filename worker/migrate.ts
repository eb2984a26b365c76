import { TocsinError } from '../activities/platform/errors.ts';
import { migrateRecords } from './services/parts/records.ts';

/** `DATABASE_URL=… node migrate.js`: brings the tables up to date, for a cluster where no `tocsin up` does it. */
async function main(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (!url)
    throw new TocsinError('cannot bring the records up to date: DATABASE_URL is not set', {
      code: 'E-RECORDS-NONE',
      hint: 'Set it to the PostgreSQL that holds the records.',
    });
  await migrateRecords(url);
  process.stdout.write('the records are up to date\n');
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n${error instanceof TocsinError ? (error.hint ?? '') : ''}\n`);
  process.exitCode = 1;
});
