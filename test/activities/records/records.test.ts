import { createPool, type Pool } from '../../../activities/records/pool.ts';
import { migrate } from '../../../activities/records/migrate.ts';
import { createRecords, type Records } from '../../../activities/records/records.ts';
import type { Alarm } from '../../../workflows/domain/alarm.ts';
import { engineVersion, type Plan } from '../../../workflows/core/plan.ts';
import type { RunInput } from '../../../workflows/core/run.ts';
import { freshDatabase, type Database } from '../../support/postgres.ts';

let database: Database;
let pool: Pool;
let records: Records;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url });
  await migrate(pool);
  records = createRecords(pool);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

const at = Date.parse('2026-11-24T06:00:00Z');
const body = Buffer.from('{}');
function alarm(change: Partial<Alarm> = {}): Alarm {
  return {
    source: 's',
    dedup_key: 'k',
    status: 'firing',
    name: 'disk_full',
    summary: '',
    source_severity: null,
    severity: 'general',
    labels: {},
    annotations: {},
    starts_at: at,
    ends_at: null,
    links: [],
    ...change,
  };
}
const plan = { runbook: 'demo', version: 3, title: 'Demo', steps: [] } as unknown as Plan;
function run(id: string, change: Partial<RunInput> = {}): RunInput {
  return {
    run: id,
    incident: null,
    plan,
    plan_hash: 'h1',
    engine_version: engineVersion,
    inputs: { a: 1 },
    targets: {},
    alarm: null,
    by: 'ann',
    reason: 'test',
    mode: 'live',
    hold: null,
    ...change,
  };
}

describe('migrate', () => {
  test('a second call applies nothing, and two at once wait for each other', async () => {
    const [one, two] = await Promise.all([migrate(pool), migrate(pool)]);

    expect([one.applied, two.applied]).toEqual([[], []]);
  });

  test('an edited migration is refused', async () => {
    await pool.query("update migration set sha256 = 'x' || sha256");
    await expect(migrate(pool)).rejects.toMatchObject({ code: 'E-RECORDS-MIGRATION' });
    await pool.query('update migration set sha256 = substr(sha256, 2)');
  });
});

describe('alarms', () => {
  test('accept gives one id per alarm and counts repetitions without keeping them twice', async () => {
    const first = await records.alarms.accept('a', body, [
      alarm({ source: 'a', dedup_key: '1' }),
      alarm({ source: 'a', dedup_key: '2' }),
      alarm({ source: 'a', dedup_key: '1' }),
    ]);
    const again = await records.alarms.accept('a', body, [alarm({ source: 'a', dedup_key: '2' })]);

    expect(first.ids[2]).toBe(first.ids[0]);
    expect(first.duplicates).toBe(1);
    expect(again).toEqual({ ids: [first.ids[1]], duplicates: 1 });
    expect(await records.alarms.get(first.ids[1]!)).toMatchObject({ count: 2, state: 'accepted', starts_at: at });
    expect((await pool.query("select from raw_request where source = 'a'")).rowCount).toBe(1);
  });

  test('without a start time, firing after a resolve is a new firing', async () => {
    const fire = alarm({ source: 'b', starts_at: null });
    const clear = { ...fire, status: 'resolved' as const };
    const one = await records.alarms.accept('b', body, [fire]);
    const same = await records.alarms.accept('b', body, [fire]);
    const rest = await records.alarms.accept('b', body, [clear, fire, fire]);

    expect(same.ids).toEqual(one.ids);
    expect(new Set([...one.ids, ...rest.ids]).size).toBe(3);
    expect(rest.duplicates).toBe(1);
    const end = await records.alarms.accept('b', body, [clear]);
    expect((await records.alarms.firingOf((await records.alarms.get(end.ids[0]!))!))?.id).toBe(rest.ids[1]);
  });

  test('forty senders of one alarm at once make one row', async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, () => records.alarms.accept('c', body, [alarm({ source: 'c', starts_at: null })])),
    );

    expect(new Set(all.flatMap((one) => one.ids)).size).toBe(1);
    expect(all.reduce((sum, one) => sum + one.duplicates, 0)).toBe(39);
  });

  test('hostile text is kept as data', async () => {
    const labels = { host: '"; rm -rf / #', nul: 'a\0b', half: '\ud800', ansi: '\u001b[31mred', ['__proto__']: 'x' };
    const { ids } = await records.alarms.accept('d', body, [alarm({ source: 'd', dedup_key: 'x\0', labels, summary: '$(reboot)\n' })]);
    const row = await records.alarms.get(ids[0]!);

    expect(row?.labels).toMatchObject({ host: '"; rm -rf / #', nul: 'a\uFFFDb', half: '\uFFFD', ansi: '\u001b[31mred' });
    expect(row?.summary).toBe('$(reboot)\n');
  });

  test('settle happens once', async () => {
    const { ids } = await records.alarms.accept('e', body, [alarm({ source: 'e' })]);
    const settle = () => records.alarms.settle(ids[0]!, { state: 'skipped', reason: 'r' });

    expect([await settle(), await settle()]).toEqual([true, false]);
  });
});

describe('runs and incidents', () => {
  test('create is idempotent, input comes back whole, an old save changes nothing', async () => {
    const input = run('run-1');
    expect([await records.runs.create({ input }), await records.runs.create({ input })]).toEqual([true, false]);

    expect(await records.runs.input('run-1')).toEqual(input);
    const patch = { view: null, next: null, problem: null };
    expect(await records.runs.save('run-1', { ...patch, seq: 2, status: 'ok' })).toBe(true);
    expect(await records.runs.save('run-1', { ...patch, seq: 1, status: 'running' })).toBe(false);
    const row = await records.runs.get('run-1');
    expect(row).toMatchObject({ status: 'ok', started: true, plan: { runbook: 'demo' } });
    expect(row?.ended_at).toEqual(expect.any(Number));
  });

  test('lists turn pages by position, and each row comes once', async () => {
    for (let n = 0; n < 7; n++) await records.runs.create({ input: run(`page-${n}`, { incident: 'inc-900' }) });
    const seen: string[] = [];
    for (let before: number | undefined; ;) {
      const page = await records.runs.list({ incident: 'inc-900', limit: 3, before });
      seen.push(...page.items.map((item) => item.id));
      if (page.next === null) break;
      before = page.next;
    }

    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `page-${n}`));
  });

  test('one open incident holds a converge key; a resolved one lets go', async () => {
    const tiers = { fatal: [], severe: [], general: [] };
    const input = {
      title: 't',
      severity: 'fatal' as const,
      service: null,
      opened_at: at,
      tiers,
      first: [],
      commander: null,
      run: null,
      alarms: [],
      engine_version: 1,
    };
    const [one, two] = [await records.incidents.nextId(), await records.incidents.nextId()];
    await records.incidents.open({ input: { ...input, incident: one }, converge_key: 'K', runbook: null });
    const second = () => records.incidents.open({ input: { ...input, incident: two }, converge_key: 'K', runbook: null });
    await expect(second()).rejects.toMatchObject({ code: '23505' });

    expect(
      await records.incidents.save(one, { seq: 4, phase: 'resolved', resolved_at: at + 5, resolved_by: 'ann', report_md: '# r' }),
    ).toBe(true);
    expect(await records.incidents.save(one, { seq: 3, phase: 'open' })).toBe(false);
    await second();
    expect(await records.incidents.ofKey('K')).toMatchObject({ id: two, opened_at: at });
    expect(await records.incidents.get(one)).toMatchObject({ phase: 'resolved', resolved_at: at + 5, has_report: true });
  });
});

describe('timeline', () => {
  const note = (seq: number) => ({ seq, at, code: 'step_started', step: 's', node: null, by: null, values: { n: seq } });

  test('append by (subject, seq) changes nothing the second time', async () => {
    expect(await records.timeline.append('run-1', null, [note(1), note(2)])).toBe(2);
    expect(await records.timeline.append('run-1', null, [note(2), note(3)])).toBe(1);

    expect((await records.timeline.of('run-1')).map((row) => row.seq)).toEqual([1, 2, 3]);
  });

  test('a follower misses no line, though transactions commit out of order', async () => {
    const cursor = await records.timeline.head();
    const slow = await pool.connect();
    await slow.query('begin');
    await records.timeline.append('slow', null, [note(1)], slow);
    await records.timeline.append('fast', null, [note(1)]);
    const before = await records.timeline.follow(cursor);
    await slow.query('commit');
    slow.release();
    const seen: string[] = [];
    for (const row of [...before, ...(await records.timeline.follow(before.at(-1)?.cursor ?? cursor))]) seen.push(row.subject);

    expect(seen.sort()).toEqual(['fast', 'slow']);
  });
});
