import { openStage, until, type Stage } from '../support/incidents.ts';

const minute = 60_000;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage('pulled', { refuse: (address) => (address.startsWith('ana@') ? 451 : null) });
}, 180_000);
afterAll(async () => stage?.close());

test('the mail server will not take the page for on duty: within seconds level 1 and all hands are paged, minutes ahead of time; nothing says "sent" that was not', async () => {
  await stage.bench.during(stage.activities, async () => {
    const { incident, opened_at } = await stage.open({ severity: 'fatal' });

    const level1 = await stage.box.wait((each) => each.to[0] === 'li.wei@example.test');

    expect(Date.now() - opened_at).toBeLessThan(minute);
    expect(level1.mail.text).toContain('此前应通知的人均未送达');
    const lines = await until('the page in the timeline', async () => {
      const timeline = await stage.records.timeline.ofIncident(incident);
      return timeline.filter((line) => line.code === 'incident.paged').length === 2 && timeline;
    });
    expect(lines.find((line) => line.code === 'incident.pulled')?.values).toMatchObject({
      page: `${incident}/first`,
      to: ['level_1', 'all_hands'],
    });
    const rows = (await stage.records.deliveries.ofIncident(incident)).filter((row) => row.person === 'Ana');
    expect(rows.map((row) => [row.status, row.sent_at])).toEqual([
      ['failed', null],
      ['failed', null],
    ]);
    expect(rows[0]?.problem).toContain('451');
    expect(stage.box.mails.some((each) => each.to[0] === 'ana@example.test')).toBe(false);
  });
}, 60_000);
