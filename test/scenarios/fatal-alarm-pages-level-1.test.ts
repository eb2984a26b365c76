import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { updates, workflowIds } from '../../workflows/messages.ts';
import { linkIn, openStage, until, type Stage } from '../support/incidents.ts';

const minute = 60_000;
let stage: Stage;
beforeAll(async () => {
  stage = await openStage('fatal');
}, 180_000);
afterAll(async () => stage?.close());

test('a fatal alarm nobody answers pages level 1 and all hands at ten minutes; one of them takes it from the mail; it is mended, closed by itself and reported', async () => {
  const { bench, box, records } = stage;

  await bench.during(stage.activities, async () => {
    // The alarm came nine minutes and fifty-five seconds ago: the engine was away until now.
    const { incident, run, alarm, opened_at } = await stage.open({
      severity: 'fatal',
      ago_ms: 10 * minute - 5_000,
      runbook: 'escalation/fatal',
    });
    const first = await box.wait(
      (each) => each.to[0] === 'ana@example.test' && each.mail.subject?.startsWith('[FATAL] DiskFailing') === true,
    );
    expect(Date.now()).toBeLessThan(opened_at + 10 * minute);
    expect(first.mail.text).toMatch(/Next: level_1, all_hands paged in 00:0\d/);

    const tier = await box.wait((each) => each.to[0] === 'li.wei@example.test' && each.mail.subject?.includes('无人接手') === true);
    expect(Date.now()).toBeGreaterThanOrEqual(opened_at + 10 * minute);
    await box.wait((each) => each.to[0] === 'bo@example.test' && each.mail.subject?.includes('tier 1') === true);

    const link = linkIn(tier.mail.text);
    for (let look = 0; look < 10; look += 1) expect((await fetch(link)).status).toBe(200);
    expect((await records.incidents.get(incident))?.phase).toBe('open');
    const pressed = await fetch(link, { method: 'POST' });
    expect(pressed.status).toBe(200);
    expect(await pressed.text()).toContain('接手');
    await until('acknowledged in the records', async () => (await records.incidents.get(incident))?.acknowledged_by === 'Li Wei');

    const handle = bench.client.workflow.getHandle(workflowIds.run(run ?? ''));
    const move = (kind: string, step: string) =>
      until(`${kind} ${step}`, async () =>
        handle
          .executeUpdate(updates.runMove, {
            args: [{ id: `${kind}-${step}-${Date.now()}`, kind, step, by: 'Li Wei', reason: 'replaced sda' }],
          })
          .catch(() => null),
      );
    await move('confirm', 'command');
    await move('approve', 'judge');
    await move('confirm', 'repaired');
    expect(await handle.result()).toMatchObject({ status: 'ok' });
    expect((await records.incidents.get(incident))?.resolved_at).toBeNull();
    await bench.client.workflow
      .getHandle(workflowIds.incident(incident))
      .executeUpdate(updates.alarm, { args: [{ ...alarm, status: 'resolved' }] });
    await bench.client.workflow.getHandle(workflowIds.incident(incident)).result();

    const closed = await records.incidents.get(incident);
    expect(closed).toMatchObject({
      phase: 'resolved',
      resolved_by: 'tocsin',
      acknowledged_by: 'Li Wei',
      commander: 'Li Wei',
      has_report: true,
    });
    const report = await box.wait(
      (each) =>
        each.to[0] === 'li.wei@example.test' &&
        each.mail.subject?.startsWith('[报告]') === true &&
        each.mail.text?.includes('已关闭') === true,
    );
    expect(report.mail.text).toContain('接手用时');
    const written = readFileSync(join(stage.data, 'reports', `${incident}.md`), 'utf8');
    expect(written).toMatch(/Time to acknowledge \| 10m( 0\ds)? \(by Li Wei\) \|/);
    expect(written).toContain('250 2.0.0 queued');
    const timeline = await records.timeline.ofIncident(incident);
    expect(timeline.filter((line) => line.code === 'incident.tier')).toHaveLength(1);
    expect(timeline.map((line) => line.code)).toEqual(
      expect.arrayContaining(['incident.opened', 'incident.acknowledged', 'acked', 'incident.recovered', 'incident.resolved']),
    );
  });
}, 120_000);
