import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFacts, type ReportFacts } from '../../../activities/report/facts.ts';
import { renderReport } from '../../../activities/report/render.ts';
import { drawReport } from '../../../activities/report/write.ts';
import { defaultTiers } from '../../../workflows/core/incident.ts';
import { openMailbox } from '../../support/mailbox.ts';
import { freshRecords, pagingDeps, type RecordsOfTest } from '../../support/people.ts';

const opened = Date.UTC(2026, 0, 5, 2, 0, 0);
const minute = 60_000;
let store: RecordsOfTest;
beforeAll(async () => {
  store = await freshRecords();
}, 120_000);
afterAll(async () => store?.close());

const hostile = 'disk | full <img src=x onerror=alert(1)> \u001b[31m[click](http://evil.test)';

async function incidentOf(number: number): Promise<string> {
  const id = `inc-${number}`;
  const { records } = store;
  await records.incidents.open({
    input: {
      incident: id,
      title: hostile,
      severity: 'fatal',
      service: 'orders',
      opened_at: opened,
      tiers: defaultTiers,
      first: [],
      commander: null,
      run: null,
      alarms: [],
      engine_version: 1,
    },
    converge_key: null,
    runbook: null,
  });
  const line = (seq: number, minutes: number, code: string, values: object, by: string | null = null) => ({
    seq,
    at: opened + minutes * minute,
    code,
    step: null,
    node: null,
    by,
    values: values as Record<string, string>,
  });
  await records.timeline.append(id, id, [
    line(1, 0, 'incident.opened', { title: hostile, severity: 'fatal' }),
    line(2, 3, 'incident.acknowledged', { after_ms: 180_000 }, 'Li Wei'),
    line(3, 50, 'incident.note', { text: hostile }, 'Li Wei'),
  ]);
  await records.timeline.append(`${id}.1`, id, [
    line(1, 1, 'step.started', { title: 'Look', units: 1, risk: 'read' }),
    line(2, 4.5, 'step.started', { title: 'Cut off', units: 1, risk: 'change' }),
  ]);
  await records.incidents.save(id, {
    phase: 'resolved',
    commander: 'Li Wei',
    acknowledged_at: opened + 3 * minute,
    acknowledged_by: 'Li Wei',
    recovered_at: opened + 40 * minute,
    resolved_at: opened + 55 * minute,
    resolved_by: 'Li Wei',
  });
  await records.followUps.open({ key: `${id}-f`, run: null, incident: id, step: 'rejoin', note: 'rebuild the standby', owner: 'dba' });
  await records.pool.query(
    "insert into alarm (source, dedup_key, status, name, summary, severity, labels, annotations, count, incident) values ('am', $1, 'firing', 'DiskFull', $2, 'fatal', '{}', '{}', 3, $1), ('am', $1, 'resolved', 'DiskFull', $2, 'fatal', '{}', '{}', 1, $1)",
    [id, hostile.replace('\u001b', '')],
  );
  return id;
}

test("times are the database's: acknowledge, respond (first step that acts), recover, resolve", async () => {
  const facts = await readFacts(store.records.pool, await incidentOf(1));

  expect(facts?.incident).toMatchObject({
    acknowledge_ms: 3 * minute,
    respond_ms: 4.5 * minute,
    recover_ms: 40 * minute,
    resolve_ms: 55 * minute,
  });
  expect(facts?.alarms).toEqual([expect.objectContaining({ name: 'DiskFull', count: 3, firing: false })]);
  expect(await readFacts(store.records.pool, 'inc-none')).toBeNull();
});

test('the report says who, when in both zones, how long, and what is still open; hostile words stay words', async () => {
  const facts = (await readFacts(store.records.pool, await incidentOf(2))) as ReportFacts;

  const { markdown, html } = renderReport(facts, { language: 'en', timezone: 'Asia/Shanghai' });

  expect(markdown).toContain('| Time to respond (first step that acts) | 4m 30s |');
  expect(markdown).toContain('| Opened | 2026-01-05 10:00:00 (Asia/Shanghai) = 2026-01-05 02:00:00 UTC |');
  expect(markdown).toContain('| 2026-01-05 10:03:00 | 02:03:00 | acknowledged after 3m | Li Wei |  |');
  expect(markdown).toContain('- 2026');
  expect(markdown).toContain('rebuild the standby (rejoin): dba');
  expect(markdown).not.toMatch(/<img|(?<!\\)\]\(|\u001b/);
  expect(html).not.toMatch(/<img|<a |<script|\u001b/);
  expect(html).toMatch(/@media print/);
  expect(html).toContain('<th scope="col">Time (Asia/Shanghai)</th>');
  // Each row keeps its cells: a bar in a value opens no column.
  const row = markdown.split('\n').find((each) => each.includes('incident opened'));
  expect(row?.match(/(?<!\\)\|/g)).toHaveLength(6);
});

test('the same facts give the same report; Chinese readers get it in Chinese', async () => {
  const facts = (await readFacts(store.records.pool, 'inc-2')) as ReportFacts;

  expect(renderReport(facts, { language: 'zh', timezone: 'UTC' })).toEqual(renderReport(facts, { language: 'zh', timezone: 'UTC' }));
  expect(renderReport(facts, { language: 'zh', timezone: 'UTC' }).markdown).toContain('| 接手用时 | 3分（Li Wei） |');
});

test('an incident still open says that the report is not the last', async () => {
  const facts = (await readFacts(store.records.pool, 'inc-2')) as ReportFacts;
  const open = renderReport(
    { ...facts, incident: { ...facts.incident, phase: 'open', resolve_ms: null } },
    { language: 'en', timezone: 'UTC' },
  );

  expect(open.markdown).toContain('Interim report');
  expect(open.markdown).toContain('| Time to resolve | not reached |');
});

test('written whole into records and files, mailed to each reader in their language; again replaces it', async () => {
  const box = await openMailbox();
  const data = mkdtempSync(join(tmpdir(), 'tocsin-report-'));
  const deps = pagingDeps({ records: store.records, smtp_port: box.port, site: { data } });
  const id = await incidentOf(3);
  const request = { id: `${id}/report`, incident: id, to: ['incident_commander', 'on_duty'], final: true };

  const written = await drawReport(deps, { request, signal: new AbortController().signal, beat: () => undefined });
  await drawReport(deps, { request, signal: new AbortController().signal, beat: () => undefined });

  expect(written.mailed.delivered.toSorted()).toEqual(['Ana', 'Li Wei']);
  expect(box.mails).toHaveLength(2);
  expect(box.mails.find((each) => each.to[0] === 'li.wei@example.test')?.mail.text).toContain('接手用时');
  expect(readdirSync(join(data, 'reports')).toSorted()).toEqual([`${id}.html`, `${id}.md`]);
  expect(readFileSync(`${written.path}.md`, 'utf8')).toContain('Time to acknowledge');
  expect((await store.records.incidents.report(id))?.html).toContain('<!doctype html>');
  deps.close();
  await box.close();
  await rm(data, { recursive: true, force: true });
});

test('an incident nobody knows is refused by name', async () => {
  await expect(
    drawReport(pagingDeps({ records: store.records, smtp_port: 1 }), {
      request: { id: 'x', incident: 'inc-99', to: [], final: true },
      signal: new AbortController().signal,
      beat: () => undefined,
    }),
  ).rejects.toThrow('"inc-99"');
});
