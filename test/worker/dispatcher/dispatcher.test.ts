import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { migrate } from '../../../activities/records/migrate.ts';
import { createPool } from '../../../activities/records/pool.ts';
import { createRecords, type Records } from '../../../activities/records/records.ts';
import type { AlarmTrigger } from '../../../workflows/core/plan.ts';
import type { Alarm } from '../../../workflows/domain/alarm.ts';
import { queues } from '../../../workflows/messages.ts';
import { startDispatcher, type Dispatcher, type DispatcherOptions } from '../../../worker/dispatcher/dispatcher.ts';
import { makeLibrary, makePlan, makeSite } from '../../client/http/fixture.ts';
import { freshDatabase, type Database } from '../../support/postgres.ts';
import { until } from '../../support/processes.ts';
import { engine } from '../../support/temporal.ts';

function trigger(match: string, change: Partial<AlarmTrigger> = {}): AlarmTrigger {
  return { on: 'alarm', match, with: {}, for_ms: 0, converge: null, guard: null, ...change };
}

const plans = [
  makePlan(
    'repair',
    [
      trigger('alarm.name == "web_down"', {
        with: { host: '${{ alarm.labels.host }}' },
        converge: { key: '${{ inputs.host }}', within_ms: 600_000, then: 'join' },
      }),
    ],
    { severity: 'severe' },
  ),
  makePlan('patient', [trigger('alarm.name == "flap"', { for_ms: 60_000 })]),
  makePlan('guarded', [trigger('alarm.name == "again"', { guard: { max_runs: 1, per_ms: 3_600_000, then: 'approve' } })]),
  makePlan('lead', [{ on: 'manual', roles: [] }]),
];

let database: Database;
let records: Records;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;
let client: Client;
let dispatcher: Dispatcher;
const log = pino({ level: 'silent' });
const options = (change: Partial<DispatcherOptions> = {}): DispatcherOptions => ({
  client,
  records,
  shelf: makeLibrary(plans),
  site: () => makeSite({ fallback: { fatal: 'lead', severe: 'gone', general: null } }),
  log,
  ...change,
});

beforeAll(async () => {
  database = await freshDatabase();
  const pool = createPool({ url: database.url });
  await migrate(pool);
  records = createRecords(pool);
  // The engine is shared with other files: ids of this one must be its own.
  await pool.query(`alter sequence incident_number restart with ${Date.now()}`);
  connection = await NativeConnection.connect({ address: (await engine()).address });
  client = new Client({ connection });
  worker = await Worker.create({ connection, taskQueue: queues.control, workflowsPath: require.resolve('./stand-in.ts') });
  running = worker.run();
  dispatcher = startDispatcher(options());
});
afterAll(async () => {
  await dispatcher.stop();
  worker.shutdown();
  await running;
  await connection.close();
  await records.pool.end();
  await database.close();
});

let serial = 0;
function alarm(name: string, change: Partial<Alarm> = {}): Alarm {
  return {
    source: 'script',
    dedup_key: `k${(serial += 1)}`,
    status: 'firing',
    name,
    summary: '',
    source_severity: null,
    severity: 'general',
    labels: {},
    annotations: {},
    starts_at: 1_790_000_000_000,
    ends_at: null,
    links: [],
    ...change,
  };
}
async function accept(...alarms: Alarm[]) {
  const { ids } = await records.alarms.accept('script', Buffer.from('{}'), alarms);
  await dispatcher.settled();
  return Promise.all(ids.map(async (id) => (await records.alarms.get(id))!));
}
const told = (incident: string | null) =>
  client.workflow.getHandle(`incident/${incident}`).executeUpdate<string[], []>('told', { args: [] });
const result = (run: string) => client.workflow.getHandle(`run/${run}`).result();

describe('firing', () => {
  test('opens an incident with its run beside it, bound from the alarm', async () => {
    const [row] = await accept(alarm('web_down', { labels: { host: 'web1' }, summary: 'no answer' }));

    expect(row).toMatchObject({ state: 'opened', runbook: 'repair', converge_key: 'repair web1', reason: 'matched repair' });
    expect(await result(`${row!.incident}.1`)).toBe(`${row!.incident}.1 repair {"host":"web1"} `);
    expect(await records.incidents.get(row!.incident!)).toMatchObject({
      severity: 'severe',
      title: 'web_down: no answer',
      started: true,
      run: `${row!.incident}.1`,
    });
    expect((await records.timeline.ofIncident(row!.incident!))[0]).toMatchObject({ code: 'intake.matched' });
  });

  test('another alarm of the same key joins; its resolve and its repetition are told once each', async () => {
    const first = alarm('web_down', { labels: { host: 'web2' } });
    const second = alarm('web_down', { labels: { host: 'web2' } });
    const [one, two] = await accept(first, second);
    await accept(first, { ...first, status: 'resolved' });

    expect(two).toMatchObject({ state: 'joined', incident: one!.incident });
    expect(await told(one!.incident)).toEqual([
      `web_down firing ${first.dedup_key}`,
      `web_down firing ${second.dedup_key}`,
      `web_down resolved ${first.dedup_key}`,
    ]);
    expect(await records.runs.ofIncident(one!.incident!)).toHaveLength(1);
  });

  test('a target that cannot be bound opens the incident all the same, with the problem in its timeline', async () => {
    const [row] = await accept(alarm('web_down', { labels: { host: 'nowhere' } }));

    expect(row).toMatchObject({ state: 'opened' });
    expect(await records.runs.ofIncident(row!.incident!)).toEqual([]);
    expect((await records.timeline.ofIncident(row!.incident!)).map((line) => line.code)).toEqual(['intake.matched', 'intake.problem']);
    expect(await told(row!.incident)).toHaveLength(1);
  });

  test('a label that is missing opens the incident all the same', async () => {
    const [row] = await accept(alarm('web_down'));
    expect(row).toMatchObject({ state: 'opened', converge_key: expect.stringContaining('repair script k') });
  });

  test('no runbook matches: the fallback of its severity leads, a broken one is told, and without one people act', async () => {
    const [fatal, severe, general] = await accept(
      alarm('unknown1', { severity: 'fatal' }),
      alarm('unknown2', { severity: 'severe' }),
      alarm('unknown3'),
    );

    expect(await result(`${fatal!.incident}.1`)).toContain(' lead ');
    expect((await records.timeline.ofIncident(severe!.incident!)).map((line) => line.code)).toEqual(['intake.fallback', 'intake.problem']);
    expect((await records.timeline.ofIncident(general!.incident!)).map((line) => line.code)).toEqual(['intake.unmatched']);
  });

  test('a source may start only the runbooks it lists', async () => {
    const [source] = makeSite().sources.slice(1);
    const other = startDispatcher(options({ site: () => makeSite({ sources: [{ ...source!, runbooks: ['lead'] }] }) }));
    await dispatcher.stop();
    dispatcher = other;
    const [row] = await accept(alarm('web_down', { labels: { host: 'web9' } }));
    await other.stop();
    dispatcher = startDispatcher(options());

    expect(row).toMatchObject({ state: 'opened', runbook: null, reason: 'no runbook matches' });
  });

  test('hostile labels reach the run as data', async () => {
    const [row] = await accept(alarm('web_down', { labels: { host: '"; rm -rf / #' } }));
    expect(await result(`${row!.incident}.1`)).toContain('{"host":"\\"; rm -rf / #"}');
  });

  test('the guard makes the second run wait for a person', async () => {
    const [one, two] = await accept(alarm('again'), alarm('again'));

    expect((await records.runs.input(`${one!.incident}.1`))?.hold).toBeNull();
    expect((await records.runs.input(`${two!.incident}.1`))?.hold).toContain('at most 1 are allowed');
  });
});

describe('time and order', () => {
  test('held until it has fired long enough; a resolve before that clears it', async () => {
    const starts_at = Date.now();
    const held = alarm('flap', { starts_at });
    const [row] = await accept(held);
    expect(row).toMatchObject({ state: 'held', runbook: 'patient', due_at: starts_at + 60_000 });
    const [end] = await accept({ ...held, status: 'resolved' });

    expect(end).toMatchObject({ state: 'cleared' });
    expect(await records.alarms.get(row!.id)).toMatchObject({ state: 'cleared', reason: expect.stringContaining('before it was due') });
  });

  test('held and due: opens by itself', async () => {
    const [row] = await accept(alarm('flap', { starts_at: Date.now() - 59_900 }));
    expect(row?.state).toBe('held');
    for (let n = 0; n < 40 && (await records.alarms.get(row!.id))?.state === 'held'; n++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await records.alarms.get(row!.id)).toMatchObject({ state: 'opened' });
  });

  test('a resolve that overtakes its firing is kept, and the firing does nothing', async () => {
    const late = alarm('web_down', { labels: { host: 'web7' } });
    const [end] = await accept({ ...late, status: 'resolved' });
    const [row] = await accept(late);

    expect(end).toMatchObject({ state: 'cleared', reason: 'no firing of it is known' });
    expect(row).toMatchObject({ state: 'cleared', reason: `its resolve (alarm ${end!.id}) had come before it` });
  });

  test('after the incident is over its key opens a new one, and a late resolve wakes nobody', async () => {
    const first = alarm('web_down', { labels: { host: 'web8' } });
    const [one, stop] = await accept(first, alarm('web_down', { labels: { host: 'web8' } }));
    await client.workflow.getHandle(`incident/${one!.incident}`).terminate('over');
    await records.incidents.save(one!.incident!, { phase: 'resolved', resolved_at: Date.now() });
    const [end] = await accept({ ...first, status: 'resolved' });
    const [two] = await accept(alarm('web_down', { labels: { host: 'web8' } }));

    expect([stop?.state, end?.state, two?.state]).toEqual(['joined', 'joined', 'opened']);
    expect(two?.incident).not.toBe(one?.incident);
    expect(await records.alarms.undelivered(10, -1_000)).toEqual([]);
  });
});

describe('what was left', () => {
  test('a run and an incident that were stored by hand and never started are started', async () => {
    const plan = makePlan('lead');
    const id = await records.incidents.nextId();
    const run = {
      run: `${id}.1`,
      incident: id,
      plan,
      plan_hash: 'hash-lead',
      engine_version: 1,
      inputs: {},
      targets: {},
      alarm: null,
      by: 'ann',
      reason: '',
      mode: 'live' as const,
      hold: null,
    };
    const opened_at = Date.now() - 60_000;
    await records.incidents.open({
      input: {
        incident: id,
        title: 't',
        severity: 'fatal',
        service: null,
        opened_at,
        tiers: { fatal: [], severe: [], general: [] },
        first: [],
        commander: null,
        run: run.run,
        alarms: [],
        engine_version: 1,
      },
      converge_key: null,
      runbook: 'lead',
    });
    await records.runs.create({ input: run });
    await records.pool.query("update run set created_at = now() - interval '1 minute' where id = $1", [run.run]);

    expect(
      await until(
        () => result(run.run),
        (answer) => typeof answer === 'string',
      ),
    ).toContain(' lead ');
    expect(
      await until(
        () => told(id),
        (answer) => Array.isArray(answer),
      ),
    ).toEqual([]);
    expect(
      await until(
        () => records.incidents.get(id),
        (row) => row?.started === true,
      ),
    ).toMatchObject({ started: true });
  });

  test('the records drop every connection: the dispatcher comes back and leads again', async () => {
    await records.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    const { ids } = await until(
      () => records.alarms.accept('script', Buffer.from('{}'), [alarm('web_down', { labels: { host: 'web30' } })]),
      (answer) => Array.isArray(answer?.ids),
    );

    expect(
      await until(
        () => records.alarms.get(ids[0]!),
        (row) => row?.state === 'opened',
      ),
    ).toMatchObject({ runbook: 'repair' });
  });
});

describe('many', () => {
  test('two dispatchers: one leads, and the other takes over when it stops', async () => {
    const second = startDispatcher(options({ poll_ms: 50 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([dispatcher.leads(), second.leads()]).toEqual([true, false]);
    await dispatcher.stop();
    dispatcher = second;
    const [row] = await accept(alarm('web_down', { labels: { host: 'web20' } }));
    expect([second.leads(), row?.state]).toEqual([true, 'opened']);
  });

  test('a storm of 300 alarms of three keys becomes three incidents', async () => {
    const rows = await accept(...Array.from({ length: 300 }, (_, n) => alarm('web_down', { labels: { host: `storm${n % 3}` } })));
    expect(new Set(rows.map((row) => row.incident)).size).toBe(3);
    expect(rows.filter((row) => row.state === 'opened')).toHaveLength(3);
  }, 60_000);
});
