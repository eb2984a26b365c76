import { Client } from '@temporalio/client';
import { query } from '../../../worker/services/postgres/postmaster.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { engine, timeSkipping } from '../../support/temporal.ts';

test('each test gets an empty UTF-8 database of its own', async () => {
  const one = await freshDatabase();
  const two = await freshDatabase();

  expect(one.url).not.toBe(two.url);
  expect(
    await query(
      one.url,
      `select current_setting('server_encoding') as encoding, datcollate, datlocale, datlocprovider from pg_database where datname = current_database()`,
    ),
  ).toEqual([{ encoding: 'UTF8', datcollate: 'C.UTF-8', datlocale: 'C.UTF-8', datlocprovider: 'b' }]);
  expect(await query(one.url, `select '数据库故障' ~ '故障' as found`)).toEqual([{ found: true }]);

  await one.close();
  await two.close();
});

test('the engine of the run is started once and keeps histories 90 days', async () => {
  const first = await engine();
  const second = await engine();

  expect(second.address).toBe(first.address);
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address: first.address });
  const answer = await new Client({ connection }).workflowService.describeNamespace({ namespace: 'default' });
  expect(Number(answer.config?.workflowExecutionRetentionTtl?.seconds)).toBe(90 * 86_400);
  await connection.close();
});

test('a day passes in a moment on the time-skipping server', async () => {
  const environment = await timeSkipping();
  const before = await environment.currentTimeMs();

  await environment.sleep('1 day');

  expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(86_400_000);
  await environment.teardown();
}, 120_000);
