import { deliverPage } from '../../../activities/notify/deliver.ts';
import { personOf } from '../../support/people.ts';
import { options, page, stage } from './paging.ts';

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
