import { setTimeout as sleep } from 'node:timers/promises';
import { Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { createScheduledActivities } from '../../../activities/scheduled.ts';
import type { Deps } from '../../../activities/deps.ts';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { migrate } from '../../../activities/records/migrate.ts';
import { createPool } from '../../../activities/records/pool.ts';
import { createRecords, type Records } from '../../../activities/records/records.ts';
import type { Loaded } from '../../../runbooks/shelf.ts';
import type { ScheduleTrigger } from '../../../workflows/core/plan.ts';
import { queues } from '../../../workflows/messages.ts';
import { createSchedules } from '../../../worker/dispatcher/schedules.ts';
import { makePlan } from '../../client/http/fixture.ts';
import { freshDatabase, type Database } from '../../support/postgres.ts';
import { until } from '../../support/processes.ts';
import { engine } from '../../support/temporal.ts';

const log = pino({ level: 'silent' });
let database: Database;
let records: Records;
let connection: NativeConnection;
let client: Client;
// The engine is shared with other files.
const name = `nightly_${process.pid}`;

function runbook(cron: string, change: Partial<ScheduleTrigger> = {}): Loaded {
  const trigger: ScheduleTrigger = {
    on: 'schedule',
    cron,
    timezone: 'Asia/Shanghai',
    jitter_ms: 0,
    overlap: 'skip',
    catchup_ms: 0,
    ...change,
  };
  return { name, plan: makePlan(name, [trigger]), hash: `h-${cron}`, path: '/n.yaml' };
}

beforeAll(async () => {
  database = await freshDatabase();
  const pool = createPool({ url: database.url });
  await migrate(pool);
  records = createRecords(pool);
  connection = await NativeConnection.connect({ address: (await engine()).address });
  client = new Client({ connection });
});
afterAll(async () => {
  await createSchedules({ client, log }).sync([]);
  await connection.close();
  await records.pool.end();
  await database.close();
});

const described = () => client.schedule.getHandle(`tocsin/${name}/0`).describe();

test('the engine holds what the runbooks say: made, changed, left paused, removed', async () => {
  const schedules = createSchedules({ client, log });
  await schedules.sync([runbook('0 3 * * 0', { overlap: 'queue', catchup_ms: 3_600_000 })]);
  const first = await described();
  expect(first.policies).toMatchObject({ overlap: ScheduleOverlapPolicy.BUFFER_ALL, catchupWindow: 3_600_000 });
  expect(first.info.nextActionTimes[0]?.toISOString()).toMatch(/T19:00:00\.000Z$/);

  await client.schedule.getHandle(`tocsin/${name}/0`).pause('vendor at work');
  await schedules.sync([runbook('0 4 * * 0')]);
  const second = await described();
  expect(second.policies.overlap).toBe(ScheduleOverlapPolicy.SKIP);
  expect(second.state.paused).toBe(true);

  await schedules.sync([]);
  await expect(described()).rejects.toMatchObject({ name: 'ScheduleNotFoundError' });
});

test('a schedule starts one run of the runbook as it is now; what cannot be bound becomes an alarm', async () => {
  const loaded = runbook('0 5 * * *');
  let broken = false;
  const binder = {
    bind: async () => {
      if (broken) throw new TocsinError('target "scratch": no node matches', { code: 'E-TARGET' });
      return { plan: loaded.plan, hash: loaded.hash, inputs: {}, targets: {} };
    },
  };
  const activities = createScheduledActivities({ records } as unknown as Deps, binder);
  const worker = await Worker.create({
    connection,
    taskQueue: queues.control,
    workflowsPath: require.resolve('./scheduled-stand-in.ts'),
    activities: { ...activities },
  });
  await worker.runUntil(async () => {
    await createSchedules({ client, log }).sync([loaded]);
    const handle = client.schedule.getHandle(`tocsin/${name}/0`);
    await handle.trigger();
    const { items } = await until(
      () => records.runs.list(),
      (page) => page.items?.length > 0,
    );
    expect(items).toMatchObject([
      { runbook: name, by: 'schedule', reason: 'schedule "0 5 * * *" Asia/Shanghai', started: true, incident: null },
    ]);
    const result = await until(
      () => client.workflow.getHandle(`run/${items[0]!.id}`).result() as Promise<unknown>,
      (answer) => typeof answer === 'string',
    );
    expect(result).toBe(`${items[0]!.id} ${name} {} `);

    broken = true;
    // The engine names what it starts by the second.
    await sleep(1_100);
    await handle.trigger();
    const alarms = await until(
      () => records.alarms.list(),
      (page) => page.items?.length > 0,
    );
    expect(alarms.items).toMatchObject([
      { source: 'tocsin', name: 'schedule_not_started', summary: expect.stringContaining('no node matches') },
    ]);
  });
}, 60_000);
