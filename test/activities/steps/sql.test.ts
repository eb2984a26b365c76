import pg from 'pg';
import { sql } from '../../../activities/steps/sql.ts';
import type { Host } from '../../../workflows/domain/site.ts';
import type { JsonMap } from '../../../workflows/domain/words.ts';
import { act, hostOf, siteOf, unitOf } from '../../support/hands.ts';
import { freshDatabase } from '../../support/postgres.ts';
import type { Database } from '../../support/postgres.ts';

let database: Database;
let host: Host;

beforeAll(async () => {
  database = await freshDatabase();
  const url = new URL(database.url);
  process.env['TEST_SQL_PASSWORD'] = decodeURIComponent(url.password);
  host = hostOf('db-1', {
    address: url.hostname,
    sql: { port: Number(url.port), user: url.username, database: url.pathname.slice(1), password_env: 'TEST_SQL_PASSWORD' },
  });
});
afterAll(() => database.close());

function ask(args: JsonMap, fields: Partial<Parameters<typeof act>[1]> = {}) {
  return act(sql, { args: { on: 'db-1', ...args }, unit: unitOf('db-1'), deps: { site: () => siteOf({ hosts: [host] }) }, ...fields });
}

test('sql gives whole numbers as numbers, moments as ISO 8601 and JSON as JSON', async () => {
  const outcome = await ask({
    query:
      "select 9007199254740991::int8 as big, 9007199254740993::int8 as bigger, count(*) as n, 1.5::numeric as half, true as yes, null as none, '2026-01-02T03:04:05.6Z'::timestamptz as at, '{\"a\":[1]}'::jsonb as j, array[1,2]::int8[] as list, 'é'::text as t from generate_series(1, 3)",
  });

  expect(outcome).toMatchObject({ ok: true, ran: 'yes', problem: null, result: { count: 1 } });
  expect(outcome.result!['rows']).toEqual([
    {
      big: 9007199254740991,
      bigger: '9007199254740993',
      n: 3,
      half: 1.5,
      yes: true,
      none: null,
      at: '2026-01-02T03:04:05.600Z',
      j: { a: [1] },
      list: [1, 2],
      t: 'é',
    },
  ]);
});

test('sql hands values over as parameters, so that hostile text stays text', async () => {
  const hostile = `"; drop table x; -- $(reboot) '`;
  const outcome = await ask({ query: 'select $1::text as said, $2::int8 as n', params: [hostile, 7] });

  expect(outcome.result!['rows']).toEqual([{ said: hostile, n: 7 }]);
});

test('sql of risk read cannot change anything, not even behind a commit', async () => {
  const change = await ask({ query: 'create table t (a int)' });
  const two = await ask({ query: 'commit; create table t (a int)' });

  expect(change).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'exit', hint: expect.stringContaining('risk: change') } });
  expect(two).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'exit' } });
});

test('sql of risk change commits what it did, and a refused statement ran not at all', async () => {
  const perform = { perform: { risk: 'change' as const } };
  await ask({ query: 'create table kept (a int primary key)' }, perform);
  const written = await ask({ query: 'insert into kept values ($1), ($2)', params: [1, 2] }, perform);
  const again = await ask({ query: 'insert into kept values (1)' }, perform);

  expect(written).toMatchObject({ ok: true, result: { rows: [], count: 2 } });
  expect(again).toMatchObject({ ok: false, ran: 'no', result: { sqlstate: '23505' } });
  expect((await ask({ query: 'select count(*) as n from kept' })).result!['rows']).toEqual([{ n: 2 }]);
});

test('sql keeps the first 1,000 rows of an endless answer and counts the rest', async () => {
  const outcome = await ask({ query: 'select i from generate_series(1, 20000) i' });

  expect(outcome.result).toMatchObject({ count: 20_000, truncated: true });
  expect(outcome.result!['rows']).toHaveLength(1_000);
});

test('sql that takes too long is stopped by the server', async () => {
  const outcome = await ask({ query: 'select pg_sleep(30)' }, { perform: { timeout_ms: 300 } });

  expect(outcome).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'timeout' } });
});

test('sql that is aborted is cancelled on the server', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('abort')), 300);
  const outcome = await ask({ query: 'select pg_sleep(30) /* aborted */' }, { signal: stop.signal, perform: { timeout_ms: null } });
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  const left = await admin.query(
    "select count(*)::int as n from pg_stat_activity where query like '%aborted%' and state = 'active' and pid <> pg_backend_pid()",
  );
  await admin.end();

  expect(outcome).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'cancelled' } });
  expect(left.rows[0]).toEqual({ n: 0 });
});

test('sql says unreachable, wrong password, missing database and missing entry apart', async () => {
  const on = (fields: Partial<NonNullable<Host['sql']>>) => ({
    deps: { site: () => siteOf({ hosts: [{ ...host, sql: { ...host.sql!, ...fields } }] }) },
  });
  process.env['TEST_SQL_WRONG'] = 'wrong';

  expect((await ask({ query: 'select 1' }, on({ port: 1 }))).problem).toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  expect((await ask({ query: 'select 1' }, on({ password_env: 'TEST_SQL_WRONG' }))).problem).toMatchObject({
    message: expect.stringContaining('28P01'),
    hint: expect.stringContaining('password'),
  });
  expect((await ask({ query: 'select 1', database: 'nowhere' })).problem).toMatchObject({ message: expect.stringContaining('3D000') });
  expect((await ask({ query: 'select 1' }, on({ password_env: 'TEST_SQL_UNSET' }))).problem).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('TEST_SQL_UNSET'),
  });
  expect((await ask({ query: 'select 1' }, { deps: { site: () => siteOf({ hosts: [{ ...host, sql: null }] }) } })).problem).toMatchObject({
    kind: 'refused',
    hint: expect.stringContaining('hosts.yaml'),
  });
});
