import { openStage, until, type Stage } from '../support/incidents.ts';

const minute = 60_000;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage('severe');
}, 180_000);
afterAll(async () => stage?.close());

test('a severe alarm nobody answers pages the technical lead at fifteen minutes, once', async () => {
  await stage.bench.during(stage.activities, async () => {
    const { incident, opened_at } = await stage.open({ severity: 'severe', ago_ms: 15 * minute - 3_000 });
    await stage.box.wait((each) => each.to[0] === 'ana@example.test');
    expect(stage.box.mails.filter((each) => each.to[0] === 'bo@example.test')).toEqual([]);

    const lead = await stage.box.wait((each) => each.to[0] === 'bo@example.test');

    expect(Date.now()).toBeGreaterThanOrEqual(opened_at + 15 * minute);
    expect(Date.now()).toBeLessThan(opened_at + 15 * minute + 5_000);
    expect(lead.mail.subject).toBe(`[SEVERE] Nobody has it: DiskFailing: sda of db-1 reports 40 bad sectors (${incident}, tier 1)`);
    await until(
      'the page in the timeline',
      async () => (await stage.records.timeline.ofIncident(incident)).filter((line) => line.code === 'incident.paged').length === 2,
    );
    expect(stage.box.mails).toHaveLength(2);
  });
}, 60_000);
