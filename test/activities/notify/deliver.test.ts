import { deliverPage } from '../../../activities/notify/deliver.ts';
import { options, page, stage, store } from './paging.ts';

test('roles and names become persons, each told once in their own language, and "sent" is proven by the answer', async () => {
  const { box, deps } = await stage();
  const sent = page({ to: ['level_1', 'all_hands', 'Bo'] });

  const result = await deliverPage(deps, options(sent));

  expect(result.delivered.toSorted()).toEqual(['Ana', 'Bo', 'Li Wei']);
  expect(result.failed).toEqual(['Zoe']);
  const rows = await store.records.deliveries.ofPage(sent.id);
  expect(rows.map((row) => [row.person, row.status, row.attempts]).toSorted()).toEqual([
    ['Ana', 'sent', 1],
    ['Bo', 'sent', 1],
    ['Li Wei', 'sent', 1],
    ['Zoe', 'failed', 0],
  ]);
  expect(rows.find((row) => row.person === 'Ana')?.answer).toContain('250 2.0.0 queued');
  expect(rows.find((row) => row.person === 'Zoe')?.problem).toContain('add it to people.yaml');
  const chinese = box.mails.find((each) => each.to[0] === 'li.wei@example.test');
  expect(chinese?.mail.subject).toContain('[致命] 无人接手：Disk failing');
  expect(chinese?.mail.text).toContain('下一步：05:00 后');
});

test('a page says what happened, what is done, what comes next, and carries one link that the records cannot show', async () => {
  const { box, deps } = await stage();
  const sent = page();

  await deliverPage(deps, options(sent));

  const { mail } = box.mails[0]!;
  expect(mail.subject).toBe(`[FATAL] Nobody has it: Disk failing (${sent.incident}, tier 1)`);
  expect(mail.text).toMatch(/within 10m/);
  expect(mail.text).toMatch(/Alarms \(1\): DiskFailing/);
  expect(mail.text).toMatch(/Next: level_2 paged in (05:00|04:59) \(at .*\) unless somebody acknowledges/);
  const token = /\/a\/([\w-]+)/.exec(mail.text ?? '')?.[1] ?? '';
  expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16);
  expect(await store.records.links.find(token)).toMatchObject({ incident: sent.incident, person: 'Ana' });
  expect(mail.html).toContain(`/a/${token}`);
  const dump = JSON.stringify(await store.records.deliveries.ofPage(sent.id));
  expect(dump).not.toContain(token);
});

test('the same page again sends nothing twice; only who was not reached is tried', async () => {
  let dead = true;
  const { box, deps } = await stage({ refuse: (address) => (dead && address.startsWith('bo@') ? 451 : null) });
  const sent = page({ to: ['on_duty', 'level_2'] });

  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: ['Ana'], failed: ['Bo'] });
  dead = false;
  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: ['Ana', 'Bo'], failed: [] });

  expect(box.mails.map((each) => each.to[0])).toEqual(['ana@example.test', 'bo@example.test']);
});

test('a busy server is tried again within the same page', async () => {
  let count = 0;
  const { deps } = await stage({ refuse: () => ((count += 1) < 3 ? 451 : null) });
  const sent = page();

  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: ['Ana'], failed: [] });
  expect((await store.records.deliveries.ofPage(sent.id))[0]).toMatchObject({ status: 'sent', attempts: 3, problem: null });
});

test('an address the server refuses for good is failed with its words and not asked again', async () => {
  let asked = 0;
  const { deps } = await stage({
    refuse: () => {
      asked += 1;
      return 550;
    },
  });
  const sent = page();

  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: [], failed: ['Ana'] });
  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: [], failed: ['Ana'] });

  expect(asked).toBe(1);
  expect((await store.records.deliveries.ofPage(sent.id))[0]).toMatchObject({
    status: 'failed',
    answer: expect.stringContaining('550'),
    sent_at: null,
  });
});

test('server down: nothing shows "sent", the page says so within seconds', async () => {
  const { box, deps } = await stage();
  await box.close();
  const sent = page({ to: ['all_hands'] });
  const began = Date.now();

  const result = await deliverPage(deps, options(sent));

  expect(result.delivered).toEqual([]);
  expect(result.failed.toSorted()).toEqual(['Ana', 'Bo', 'Li Wei', 'Zoe']);
  expect(Date.now() - began).toBeLessThan(4_000);
  expect(
    (await store.records.deliveries.ofPage(sent.id)).every(
      (row) => row.status === 'failed' && row.sent_at === null && row.problem !== null,
    ),
  ).toBe(true);
});

test('lost before its 250: sent once more with the same Message-ID, and the records say why there are two', async () => {
  const { box, deps } = await stage({ afterData: (count) => (count === 1 ? 'lose' : 'take') });
  const sent = page();

  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: ['Ana'], failed: [] });

  expect(box.mails).toHaveLength(2);
  expect(new Set(box.mails.map((each) => each.mail.messageId)).size).toBe(1);
});

test('lost twice: unknown, never "sent"', async () => {
  const { box, deps } = await stage({ afterData: () => 'lose' });
  const sent = page();

  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: [], failed: ['Ana'], unknown: ['Ana'] });

  expect(box.mails).toHaveLength(2);
  expect((await store.records.deliveries.ofPage(sent.id))[0]).toMatchObject({
    status: 'unknown',
    problem: expect.stringContaining('outcome unknown'),
  });
});

test('a worker that died in mid-send: the row goes on from where it was', async () => {
  const { deps } = await stage();
  const sent = page();
  const id = `${sent.id}/Ana/mail`;
  await store.records.deliveries.queue({
    id,
    page: sent.id,
    incident: sent.incident,
    run: null,
    person: 'Ana',
    channel: 'mail',
    address: 'ana@example.test',
    template: 'x',
    subject: null,
    message_id: '<kept@example.test>',
    body_text: null,
  });
  await store.records.deliveries.sending(id);

  expect(await deliverPage(deps, options(sent))).toEqual({ delivered: ['Ana'], failed: [] });
  expect(await store.records.deliveries.get(id)).toMatchObject({ status: 'sent', attempts: 2, message_id: '<kept@example.test>' });
});

test('a role nobody has is named as not reached', async () => {
  const { deps } = await stage();

  expect(await deliverPage(deps, options(page({ to: ['level_9', 'on_duty'] })))).toEqual({ delivered: ['Ana'], failed: ['level_9'] });
});
