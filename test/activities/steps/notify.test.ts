import { notify } from '../../../activities/steps/notify.ts';
import type { JsonMap } from '../../../workflows/domain/words.ts';
import { act } from '../../support/hands.ts';
import { openMailbox, type Mailbox } from '../../support/mailbox.ts';
import { freshRecords, pagingDeps, type RecordsOfTest } from '../../support/people.ts';

let store: RecordsOfTest;
let box: Mailbox;
beforeAll(async () => {
  store = await freshRecords();
  box = await openMailbox({ refuse: (address) => (address.startsWith('bo@') ? 550 : null) });
}, 120_000);
afterAll(async () => {
  await box?.close();
  await store?.close();
});

let number = 0;
async function tell(args: JsonMap, mode: 'live' | 'drill' = 'live') {
  const deps = pagingDeps({ records: store.records, smtp_port: box.port });
  number += 1;
  const outcome = await act(notify, {
    args,
    deps,
    perform: { run: `run-${number}`, title: 'Tell them', mode },
    unit: { node: null, key: `run-${number}/tell#1`, args: null },
  });
  deps.close();
  return { outcome, mail: box.mails.at(-1)?.mail };
}

test('who was reached and who was not stands in the result; one is enough', async () => {
  const { outcome } = await tell({
    to: ['on_duty', 'level_2', 'nobody_has_this'],
    template: 'switchover_done',
    with: { cluster: 'orders' },
  });

  expect(outcome).toMatchObject({ ok: true, result: { delivered: ['Ana'], failed: ['Bo', 'nobody_has_this'] } });
});

test('nobody reached is a failure that says where to look, and that nothing left', async () => {
  const { outcome } = await tell({ to: 'level_2' });

  expect(outcome).toMatchObject({
    ok: false,
    ran: 'no',
    problem: { kind: 'unreachable', message: expect.stringContaining('level_2'), hint: expect.stringContaining('people.yaml') },
  });
});

test('the same act again sends nothing twice', async () => {
  const before = box.mails.length;
  await tell({ to: 'on_duty', subject: 'Once' });
  number -= 1;
  await tell({ to: 'on_duty', subject: 'Once' });

  expect(box.mails).toHaveLength(before + 1);
});

test('own subject and text in place of a wording; a drill says that it is one', async () => {
  const { mail } = await tell({ to: 'on_duty', severity: 'severe', subject: 'Come $& {now}', text: 'Room 2' }, 'drill');

  expect(mail?.subject).toBe('[DRILL] [SEVERE] Come $& {now}');
  expect(mail?.text).toContain('Room 2');
});

test('what the machine asks of people has words: approve, confirm, decide', async () => {
  const { mail } = await tell({
    to: 'level_1',
    template: 'approval_asked',
    severity: 'fatal',
    with: { run: 'run-9', runbook: 'Isolate', step: 'agree', ask: 'Cut off db-1?', quorum: 1, until: null },
  });

  expect(mail?.subject).toBe('[致命] 请求批准：Cut off db-1?（run-9）');
  expect(mail?.text).toContain('tocsin approve run-9 agree');
});

test.each([
  [{ to: [] }],
  [{ to: '' }],
  [{ to: 'on_duty', severity: 'huge' }],
  [{ to: 'on_duty', template: 'No Such!' }],
  [{ to: 'on_duty', unknown: 1 }],
  [{ to: 'on\u0000duty' }],
])('%j is refused by the shape', (args) => {
  expect(notify.shape.safeParse(args).success).toBe(false);
});
