import { makeSite } from '../../client/http/fixture.ts';
import { alarm, openDispatching, type Dispatching } from './fixture.ts';

let here: Dispatching;
beforeAll(async () => {
  here = await openDispatching();
});
afterAll(() => here.close());

describe('firing', () => {
  test('opens an incident with its run beside it, bound from the alarm', async () => {
    const [row] = await here.accept(alarm('web_down', { labels: { host: 'web1' }, summary: 'no answer' }));

    expect(row).toMatchObject({ state: 'opened', runbook: 'repair', converge_key: 'repair web1', reason: 'matched repair' });
    expect(await here.result(`${row!.incident}.1`)).toBe(`${row!.incident}.1 repair {"host":"web1"} `);
    expect(await here.records.incidents.get(row!.incident!)).toMatchObject({
      severity: 'severe',
      title: 'web_down: no answer',
      started: true,
      run: `${row!.incident}.1`,
    });
    expect((await here.records.timeline.ofIncident(row!.incident!))[0]).toMatchObject({ code: 'intake.matched' });
  });

  test('another alarm of the same key joins; its resolve and its repetition are told once each', async () => {
    const first = alarm('web_down', { labels: { host: 'web2' } });
    const second = alarm('web_down', { labels: { host: 'web2' } });
    const [one, two] = await here.accept(first, second);
    await here.accept(first, { ...first, status: 'resolved' });

    expect(two).toMatchObject({ state: 'joined', incident: one!.incident });
    expect(await here.told(one!.incident)).toEqual([
      `web_down firing ${first.dedup_key}`,
      `web_down firing ${second.dedup_key}`,
      `web_down resolved ${first.dedup_key}`,
    ]);
    expect(await here.records.runs.ofIncident(one!.incident!)).toHaveLength(1);
  });

  test('a target that cannot be bound opens the incident all the same, with the problem in its timeline', async () => {
    const [row] = await here.accept(alarm('web_down', { labels: { host: 'nowhere' } }));

    expect(row).toMatchObject({ state: 'opened' });
    expect(await here.records.runs.ofIncident(row!.incident!)).toEqual([]);
    expect((await here.records.timeline.ofIncident(row!.incident!)).map((line) => line.code)).toEqual(['intake.matched', 'intake.problem']);
    expect(await here.told(row!.incident)).toHaveLength(1);
  });

  test('a label that is missing opens the incident all the same', async () => {
    const [row] = await here.accept(alarm('web_down'));
    expect(row).toMatchObject({ state: 'opened', converge_key: expect.stringContaining('repair script k') });
  });

  test('no runbook matches: the fallback of its severity leads, a broken one is told, and without one people act', async () => {
    const [fatal, severe, general] = await here.accept(
      alarm('unknown1', { severity: 'fatal' }),
      alarm('unknown2', { severity: 'severe' }),
      alarm('unknown3'),
    );

    expect(await here.result(`${fatal!.incident}.1`)).toContain(' lead ');
    expect((await here.records.timeline.ofIncident(severe!.incident!)).map((line) => line.code)).toEqual([
      'intake.fallback',
      'intake.problem',
    ]);
    expect((await here.records.timeline.ofIncident(general!.incident!)).map((line) => line.code)).toEqual(['intake.unmatched']);
  });

  test('a source may start only the runbooks it lists', async () => {
    const [source] = makeSite().sources.slice(1);
    await here.replace({ site: () => makeSite({ sources: [{ ...source!, runbooks: ['lead'] }] }) });
    const [row] = await here.accept(alarm('web_down', { labels: { host: 'web9' } }));
    await here.replace();

    expect(row).toMatchObject({ state: 'opened', runbook: null, reason: 'no runbook matches' });
  });

  test('hostile labels reach the run as data', async () => {
    const [row] = await here.accept(alarm('web_down', { labels: { host: '"; rm -rf / #' } }));
    expect(await here.result(`${row!.incident}.1`)).toContain('{"host":"\\"; rm -rf / #"}');
  });

  test('the guard makes the second run wait for a person', async () => {
    const [one, two] = await here.accept(alarm('again'), alarm('again'));

    expect((await here.records.runs.input(`${one!.incident}.1`))?.hold).toBeNull();
    expect((await here.records.runs.input(`${two!.incident}.1`))?.hold).toContain('at most 1 are allowed');
  });
});

describe('time and order', () => {
  test('held until it has fired long enough; a resolve before that clears it', async () => {
    const starts_at = Date.now();
    const held = alarm('flap', { starts_at });
    const [row] = await here.accept(held);
    expect(row).toMatchObject({ state: 'held', runbook: 'patient', due_at: starts_at + 60_000 });
    const [end] = await here.accept({ ...held, status: 'resolved' });

    expect(end).toMatchObject({ state: 'cleared' });
    expect(await here.records.alarms.get(row!.id)).toMatchObject({
      state: 'cleared',
      reason: expect.stringContaining('before it was due'),
    });
  });

  test('held and due: opens by itself', async () => {
    const [row] = await here.accept(alarm('flap', { starts_at: Date.now() - 59_900 }));
    expect(row?.state).toBe('held');
    for (let n = 0; n < 40 && (await here.records.alarms.get(row!.id))?.state === 'held'; n++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await here.records.alarms.get(row!.id)).toMatchObject({ state: 'opened' });
  });

  test('a resolve that overtakes its firing is kept, and the firing does nothing', async () => {
    const late = alarm('web_down', { labels: { host: 'web7' } });
    const [end] = await here.accept({ ...late, status: 'resolved' });
    const [row] = await here.accept(late);

    expect(end).toMatchObject({ state: 'cleared', reason: 'no firing of it is known' });
    expect(row).toMatchObject({ state: 'cleared', reason: `its resolve (alarm ${end!.id}) had come before it` });
  });

  test('after the incident is over its key opens a new one, and a late resolve wakes nobody', async () => {
    const first = alarm('web_down', { labels: { host: 'web8' } });
    const [one, stop] = await here.accept(first, alarm('web_down', { labels: { host: 'web8' } }));
    await here.endIncident(one!.incident!);
    await here.records.incidents.save(one!.incident!, { phase: 'resolved', resolved_at: Date.now() });
    const [end] = await here.accept({ ...first, status: 'resolved' });
    const [two] = await here.accept(alarm('web_down', { labels: { host: 'web8' } }));

    expect([stop?.state, end?.state, two?.state]).toEqual(['joined', 'joined', 'opened']);
    expect(two?.incident).not.toBe(one?.incident);
    expect(await here.records.alarms.undelivered(10, -1_000)).toEqual([]);
  });
});
