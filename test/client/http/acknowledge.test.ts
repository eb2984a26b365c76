import { request } from 'node:http';
import { updates, workflowIds } from '../../../workflows/messages.ts';
import { linkIn, openStage, until, type Opened, type Stage } from '../../support/incidents.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('ack');
}, 180_000);
afterAll(async () => stage?.close());

const day = 24 * 3_600_000;

async function link(opened: Opened, person = 'Ana', expires_at = Date.now() + day): Promise<string> {
  return `${stage.url}/a/${await stage.records.links.create({ purpose: 'acknowledge', incident: opened.incident, person, expires_at })}`;
}

const phase = async (opened: Opened) => (await stage.records.incidents.get(opened.incident))?.phase;
const post = (url: string, headers: Record<string, string> = {}) => fetch(url, { method: 'POST', headers });

test('looking changes nothing, whoever looks and however: GET, HEAD, preview, scanner', async () => {
  await stage.bench.during(stage.activities, async () => {
    const opened = await stage.open({ severity: 'fatal' });
    const mail = await stage.box.wait((each) => each.mail.subject?.includes(opened.incident) === true);
    const url = linkIn(mail.mail.text);

    for (const method of ['GET', 'HEAD', 'GET', 'GET'])
      expect((await fetch(url, { method, headers: { 'user-agent': 'Slackbot-LinkExpanding' } })).status).toBe(200);
    const page = await (await fetch(url)).text();

    expect(await phase(opened)).toBe('open');
    expect((await stage.records.links.find(url.split('/').at(-1) ?? ''))?.used_at).toBeNull();
    expect(page.length).toBeLessThan(5_000);
    expect(page).toMatch(/FATAL.*DiskFailing/s);
    expect(page).toMatch(/Next: level_1, all_hands paged in (09:5\d|10:00)/);
    expect(page).not.toMatch(/<script|src=/);
    expect(page).not.toContain(url.split('/').at(-1));
    expect(page).toContain('<form method="post">');
  });
}, 60_000);

test('the page is not kept, not indexed, not framed, and tells no other site where it was', async () => {
  const answer = await fetch(`${stage.url}/a/${'x'.repeat(43)}`);

  expect(
    Object.fromEntries(
      ['cache-control', 'referrer-policy', 'x-robots-tag', 'content-security-policy'].map((name) => [name, answer.headers.get(name)]),
    ),
  ).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
  });
});

test('the button acts once: pressed again it says since when, pressed by another who has it', async () => {
  await stage.bench.during(stage.activities, async () => {
    const opened = await stage.open({ severity: 'fatal' });
    const [ana, bo] = [await link(opened), await link(opened, 'Bo')];

    const [first, twin] = await Promise.all([post(ana), post(ana, { 'content-type': 'application/x-www-form-urlencoded' })]);
    expect([first.status, twin.status]).toEqual([200, 200]);
    expect(await first.text()).toMatch(/You have it since \d\d:\d\d/);
    const other = await post(bo);
    expect(other.status).toBe(200);
    expect(await other.text()).toMatch(/Already acknowledged by Ana at \d\d:\d\d/);
    expect(await (await post(ana)).text()).toContain('You have it since');
    await until('acknowledged', async () => (await phase(opened)) === 'acknowledged');
    expect(await (await fetch(bo)).text()).toMatch(/Already acknowledged by Ana/);

    const acks = (await stage.records.timeline.ofIncident(opened.incident)).filter((line) => line.code === 'incident.acknowledged');
    expect(acks.map((line) => line.by)).toEqual(['Ana']);
  });
}, 60_000);

test('an incident that is over says so', async () => {
  await stage.bench.during(stage.activities, async () => {
    const opened = await stage.open({ severity: 'general' });
    const url = await link(opened);
    await stage.bench.client.workflow
      .getHandle(workflowIds.incident(opened.incident))
      .executeUpdate(updates.incidentMove, { args: [{ id: 'r', kind: 'resolve', by: 'Bo', reason: 'false alarm' }] });

    const answer = await post(url);

    expect(answer.status).toBe(410);
    expect(await answer.text()).toMatch(/over: resolved by Bo/);
  });
}, 60_000);

test.each([
  ['altered', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
  ['short', () => 'abc'],
  ['hostile', () => encodeURIComponent(`'; drop table link; --<script>`)],
  ['long', () => 'A'.repeat(500)],
])('a forged token (%s): 404, a plain page, nothing changed', async (_, forge) => {
  const opened: Opened = { incident: 'inc-1', run: null, alarm: null as never, opened_at: 0 };
  const token = (await link(opened)).split('/').at(-1) ?? '';

  const answer = await post(`${stage.url}/a/${forge(token)}`);

  expect(answer.status).toBe(404);
  expect(await answer.text()).toMatch(/not known|Did you mean|no such address/);
  expect((await stage.records.links.find(token))?.used_at).toBeNull();
});

test('an expired link: 410, and what to do instead', async () => {
  await stage.bench.during(stage.activities, async () => {
    const opened = await stage.open({ severity: 'fatal' });

    const answer = await post(await link(opened, 'Ana', Date.now() - 1_000));

    expect(answer.status).toBe(410);
    expect(await answer.text()).toContain(`tocsin incident ack ${opened.incident}`);
    expect(await phase(opened)).toBe('open');
  });
}, 60_000);

test("the person's language first, then the browser's", async () => {
  await stage.bench.during(stage.activities, async () => {
    const opened = await stage.open({ severity: 'fatal' });

    expect(await (await fetch(await link(opened, 'Li Wei'), { headers: { 'accept-language': 'en' } })).text()).toContain('我来处理');
    expect(await (await fetch(await link(opened, 'Somebody'), { headers: { 'accept-language': 'zh-CN,zh;q=0.9' } })).text()).toContain(
      '我来处理',
    );
    expect(await (await fetch(await link(opened, 'Somebody'))).text()).toContain('I take it');
  });
}, 60_000);

test('the engine is away when the button is pressed: the press is kept, said to be kept, and takes effect by itself; the first who pressed has it', async () => {
  await stage.bench.during(stage.activities, async () => {
    const opened = await stage.open({ severity: 'fatal' });
    await until('a timeline', async () => (await stage.records.timeline.ofIncident(opened.incident)).length > 0);
    stage.engineAway(true);

    const pressed = await post(await link(opened, 'Bo'));
    await post(await link(opened, 'Ana'));
    expect(pressed.status).toBe(202);
    expect(await pressed.text()).toContain('is kept and takes effect as soon as');
    expect(await phase(opened)).toBe('open');
    stage.engineAway(false);

    await until('acknowledged by the sweeper', async () => (await phase(opened)) === 'acknowledged');
    expect(await stage.records.incidents.get(opened.incident)).toMatchObject({ acknowledged_by: 'Bo' });
  });
}, 60_000);

test('a body of any kind or size does no harm', async () => {
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(
      `${stage.url}/a/${'x'.repeat(43)}`,
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '3000' } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end('x'.repeat(3000));
  });

  expect(status).toBe(404);
});
