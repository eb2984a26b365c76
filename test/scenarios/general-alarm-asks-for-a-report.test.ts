import { openStage, until, type Stage } from '../support/incidents.ts';

const minute = 60_000;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage('general');
}, 180_000);
afterAll(async () => stage?.close());

test('a general alarm not handled within thirty minutes: on duty is paged again, asked for a report and given what the records know', async () => {
  await stage.bench.during(stage.activities, async () => {
    const { incident, opened_at } = await stage.open({ severity: 'general', ago_ms: 30 * minute - 3_000 });
    const first = await stage.box.wait((each) => each.mail.subject?.startsWith('[GENERAL] DiskFailing') === true);
    expect(first.mail.text).toMatch(/Next: on_duty asked for a report in 00:0\d/);

    const asked = await stage.box.wait((each) => each.mail.subject?.includes('tier 1') === true);
    const report = await stage.box.wait((each) => each.mail.subject?.startsWith('[Report]') === true);

    expect(Date.now()).toBeGreaterThanOrEqual(opened_at + 30 * minute);
    expect(asked.mail.text).toContain('A report is asked of you.');
    expect(report.mail.text).toContain('Interim report, the incident is still open.');
    expect(stage.box.mails.map((each) => each.to[0])).toEqual(['ana@example.test', 'ana@example.test', 'ana@example.test']);
    await until('the report in the records', async () => (await stage.records.incidents.get(incident))?.has_report);
    expect((await stage.records.incidents.get(incident))?.phase).toBe('open');
  });
}, 60_000);
