import { pino } from 'pino';
import { createMailer } from '../../activities/notify/mailer.ts';
import type { DeliverDeps } from '../../activities/notify/deliver.ts';
import { migrate } from '../../activities/records/migrate.ts';
import { createPool } from '../../activities/records/pool.ts';
import { createRecords, type Records } from '../../activities/records/records.ts';
import type { Person, Site } from '../../workflows/domain/site.ts';
import { siteOf } from './hands.ts';
import { freshDatabase } from './postgres.ts';

export function personOf(name: string, part: Partial<Person> = {}): Person {
  return {
    name,
    title: '',
    mail: `${name.toLowerCase().replace(/\W+/g, '.')}@example.test`,
    phone: null,
    language: 'en',
    roles: [],
    ...part,
  };
}

/** Everybody an incident may call. */
export const crew: readonly Person[] = [
  personOf('Ana', { roles: ['on_duty'] }),
  personOf('Li Wei', { roles: ['level_1', 'incident_commander'], language: 'zh' }),
  personOf('Bo', { roles: ['level_2'] }),
  personOf('Zoe', { mail: null }),
];

export interface RecordsOfTest {
  readonly records: Records;
  readonly close: () => Promise<void>;
}

/** Records in a database of their own. */
export async function freshRecords(): Promise<RecordsOfTest> {
  const database = await freshDatabase();
  const pool = createPool({ url: database.url, max: 5 });
  await migrate(pool);
  return {
    records: createRecords(pool),
    async close() {
      await pool.end();
      await database.close();
    },
  };
}

export interface PagingOptions {
  readonly records: Records;
  readonly smtp_port: number;
  readonly site?: Partial<Site>;
}

/** What the hands that page need, with a real mailer on short time-outs. */
export function pagingDeps(options: PagingOptions): DeliverDeps & { readonly close: () => void } {
  const site = siteOf({
    people: crew,
    mail: { host: '127.0.0.1', port: options.smtp_port, secure: false, from: 'Tocsin <tocsin@example.test>', user: null, password: null },
    ...options.site,
  });
  const mailer = createMailer({ mail: () => site.mail, secret: () => '', connect_timeout_ms: 400, silence_timeout_ms: 600, pause_ms: 50 });
  return { site: () => site, records: options.records, mailer, log: pino({ level: 'silent' }), now: Date.now, close: () => mailer.close() };
}
