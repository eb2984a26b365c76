import { makePlan } from '../../client/http/fixture.ts';
import { until } from '../../support/processes.ts';
import { alarm, openDispatching, type Dispatching } from './fixture.ts';

let here: Dispatching;
beforeAll(async () => {
  here = await openDispatching();
});
afterAll(() => here.close());

describe('what was left', () => {
  test('a run and an incident that were stored by hand and never started are started', async () => {
    const plan = makePlan('lead');
    const id = await here.records.incidents.nextId();
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
    await here.records.incidents.open({
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
    await here.records.runs.create({ input: run });
    await here.records.pool.query("update run set created_at = now() - interval '1 minute' where id = $1", [run.run]);

    expect(
      await until(
        () => here.result(run.run),
        (answer) => typeof answer === 'string',
      ),
    ).toContain(' lead ');
    expect(
      await until(
        () => here.told(id),
        (answer) => Array.isArray(answer),
      ),
    ).toEqual([]);
    expect(
      await until(
        () => here.records.incidents.get(id),
        (row) => row?.started === true,
      ),
    ).toMatchObject({ started: true });
  });

  test('the records drop every connection: the dispatcher comes back and leads again', async () => {
    await here.records.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    const { ids } = await until(
      () => here.records.alarms.accept('script', Buffer.from('{}'), [alarm('web_down', { labels: { host: 'web30' } })]),
      (answer) => Array.isArray(answer?.ids),
    );

    expect(
      await until(
        () => here.records.alarms.get(ids[0]!),
        (row) => row?.state === 'opened',
      ),
    ).toMatchObject({ runbook: 'repair' });
  });
});

describe('many', () => {
  test('two dispatchers: one leads, and the other takes over when it stops', async () => {
    const second = here.another({ poll_ms: 50 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([here.dispatcher().leads(), second.leads()]).toEqual([true, false]);
    await here.dispatcher().stop();
    here.use(second);
    const [row] = await here.accept(alarm('web_down', { labels: { host: 'web20' } }));
    expect([second.leads(), row?.state]).toEqual([true, 'opened']);
  });

  test('a storm of 300 alarms of three keys becomes three incidents', async () => {
    const rows = await here.accept(...Array.from({ length: 300 }, (_, n) => alarm('web_down', { labels: { host: `storm${n % 3}` } })));
    expect(new Set(rows.map((row) => row.incident)).size).toBe(3);
    expect(rows.filter((row) => row.state === 'opened')).toHaveLength(3);
  }, 60_000);
});
