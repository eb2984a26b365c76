import { deliverPage, type DeliverOptions } from '../../../activities/notify/deliver.ts';
import type { Page } from '../../../workflows/core/people.ts';
import { openMailbox, type Mailbox, type MailboxOptions } from '../../support/mailbox.ts';
import { freshRecords, pagingDeps, personOf, type RecordsOfTest } from '../../support/people.ts';

let store: RecordsOfTest;
beforeAll(async () => {
  store = await freshRecords();
}, 120_000);
afterAll(async () => store?.close());

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function stage(options: MailboxOptions & { readonly site?: object } = {}) {
  const box: Mailbox = await openMailbox(options);
  const deps = pagingDeps({ records: store.records, smtp_port: box.port, site: options.site ?? {} });
  open.push(
    () => box.close(),
    () => deps.close(),
  );
  return { box, deps };
}

let number = 0;
function page(part: Partial<Page> = {}): Page {
  number += 1;
  const incident = `inc-${number}`;
  return {
    id: `${incident}/tier-1`,
    incident,
    to: ['on_duty'],
    template: 'incident_tier',
    severity: 'fatal',
    values: {
      title: 'Disk failing',
      service: 'orders',
      opened_at: Date.UTC(2026, 0, 5, 2),
      at: Date.now(),
      commander: null,
      run: null,
      alarms: ['DiskFailing'],
      alarm_count: 1,
      number: 1,
      after_ms: 600_000,
      report: false,
      next: { what: 'tier', step: null, at: Date.now() + 300_000, values: { to: ['level_2'], report: false } },
    },
    ...part,
  };
}

const options = (sent: Page, part: Partial<DeliverOptions> = {}): DeliverOptions => ({
  page: sent,
  run: null,
  signal: new AbortController().signal,
  pauses_ms: [60, 60],
  ...part,
});

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

test('hostile words of an alarm stay words: no header, no mark-up, no colour, no second recipient', async () => {
  const { box, deps } = await stage({
    site: {
      people: [
        personOf('Ana', { roles: ['on_duty'] }),
        personOf('Eve', { mail: 'eve@example.test, boss@example.test', roles: ['on_duty'] }),
      ],
    },
  });
  const title = 'x\r\nBcc: boss@example.test\r\n\r\n<img src=x onerror=alert(1)>\u001b[31m"; rm -rf / # {person} \u202e';
  const base = page();
  const sent = { ...base, values: { ...base.values, title, alarms: ['<b>bold</b>'] } };

  const result = await deliverPage(deps, options(sent));

  expect(result).toEqual({ delivered: ['Ana'], failed: ['Eve'] });
  expect(box.mails.map((each) => each.to)).toEqual([['ana@example.test']]);
  const { mail } = box.mails[0]!;
  expect(mail.headers.has('bcc')).toBe(false);
  expect(mail.html).not.toMatch(/<img|<b>bold/);
  expect(`${mail.text}${mail.html}${mail.subject}`).not.toMatch(/\u001b|\u202e/);
  expect(mail.text).toContain('{person}');
});

test('a message of a runbook: own subject and text, or the values it was given; drills say that they are drills', async () => {
  const { box, deps } = await stage();
  await deliverPage(
    deps,
    options(page({ incident: '', template: 'notice', severity: 'general', values: { subject: 'Switched over', text: 'line 1\nline 2' } }), {
      drill: true,
    }),
  );
  await deliverPage(
    deps,
    options(
      page({
        incident: '',
        template: 'switchover_done',
        severity: 'general',
        values: { title: 'Tell users', cluster: 'orders', nodes: ['a', 'b'] },
      }),
    ),
  );

  expect(box.mails.map((each) => each.mail.subject)).toEqual(['[DRILL] [GENERAL] Switched over', '[GENERAL] Tell users']);
  expect(box.mails[0]?.mail.text).toContain('line 1\nline 2');
  expect(box.mails[1]?.mail.text).toContain('nodes: a, b');
});
