import { migrate } from '../../../activities/records/migrate.ts';
import { createPool } from '../../../activities/records/pool.ts';
import { createRecords, type Records } from '../../../activities/records/records.ts';
import { freshDatabase, type Database } from '../../support/postgres.ts';

let database: Database;
let records: Records;

beforeAll(async () => {
  database = await freshDatabase();
  const pool = createPool({ url: database.url });
  await migrate(pool);
  records = createRecords(pool);
});
afterAll(async () => {
  await records.pool.end();
  await database.close();
});

describe('outputs, deliveries, links', () => {
  test('an output chunk sent again is kept once', async () => {
    const chunk = { run: 'r', step: 's', node: 'web1', key: 'k', stream: 'stdout' as const };
    await records.outputs.append({ ...chunk, offset: 0, bytes: Buffer.from('ab\0') });
    await records.outputs.append({ ...chunk, offset: 0, bytes: Buffer.from('ab\0') });
    await records.outputs.append({ ...chunk, offset: 3, bytes: Buffer.from('\xff', 'latin1') });

    expect(await records.outputs.read('k', 'stdout')).toEqual({ bytes: Buffer.from('ab\0\xff', 'latin1'), total: 4 });
    expect(await records.outputs.end('k', 'stdout')).toBe(4);
    expect(await records.outputs.list('r', { max_bytes: 1 })).toHaveLength(1);
  });

  test('a delivery that was sent is never sent again', async () => {
    const delivery = {
      id: 'd1',
      page: 'p',
      incident: null,
      run: null,
      person: 'ann',
      channel: 'mail',
      address: 'a@b',
      template: 't',
      subject: null,
      message_id: '<m>',
      body_text: null,
    };
    await records.deliveries.queue(delivery);
    expect(await records.deliveries.sending('d1')).toMatchObject({ status: 'sending', attempts: 1 });
    await records.deliveries.sent('d1', '250 ok');

    expect(await records.deliveries.queue(delivery)).toMatchObject({ status: 'sent', answer: '250 ok' });
    expect(await records.deliveries.sending('d1')).toBeNull();
  });

  test('a link works once, and only its hash is kept', async () => {
    const token = await records.links.create({ purpose: 'acknowledge', incident: 'inc-1', person: 'ann', expires_at: Date.now() + 60_000 });

    expect([await records.links.use(token), await records.links.use(token)]).toEqual([true, false]);
    expect(JSON.stringify((await records.pool.query('select * from link')).rows)).not.toContain(token);
  });
});
