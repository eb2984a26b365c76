import { catalogue, fill, say } from '../../../workflows/domain/catalogue/index.ts';
import { line, nextLine } from '../../../workflows/domain/catalogue/line.ts';
import { clockTime, countdown, span } from '../../../workflows/domain/catalogue/span.ts';

const names = (sentence: string | undefined) => [...(sentence ?? '').matchAll(/\{(\w+)\}/g)].map((found) => found[1]).toSorted();

test('zh and en hold the same keys, each with the same names to fill in, none empty', () => {
  expect(Object.keys(catalogue.zh).toSorted()).toEqual(Object.keys(catalogue.en).toSorted());
  const differing = Object.keys(catalogue.en).filter(
    (key) =>
      names(catalogue.en[key]).join() !== names(catalogue.zh[key]).join() || !catalogue.zh[key]?.trim() || !catalogue.en[key]?.trim(),
  );
  expect(differing).toEqual([]);
});

test('a zh sentence with words in it is Chinese', () => {
  const words = (sentence: string) => sentence.replace(/\{\w+\}/g, '').replace('UTC', '');
  expect(
    Object.entries(catalogue.zh)
      .filter(([, sentence]) => /[A-Za-z]{2,}/.test(words(sentence)) && !/[\u4e00-\u9fff]/.test(sentence))
      .map(([key]) => key),
  ).toEqual([]);
});

test('what a value holds is never filled in again', () => {
  expect(fill('{a} {b}', 'en', { a: '{b} $& $1', b: 'x' })).toBe('{b} $& $1 x');
  expect(fill('{a} {toString}', 'en', { a: null })).toBe('– {toString}');
});

test.each([
  [0, '00:00'],
  [-5_000, '00:00'],
  [598_000, '09:58'],
  [600_000, '10:00'],
  [3_723_000, '1:02:03'],
])('countdown of %d ms is %s', (ms, wanted) => {
  expect(countdown(ms)).toBe(wanted);
});

test.each([
  [340, '340 ms', '340 毫秒'],
  [6_000, '6s', '6秒'],
  [130_000, '2m 10s', '2分10秒'],
  [600_000, '10m', '10分'],
  [3_900_000, '1h 05m', '1小时05分'],
  [90_000_000, '1d 01h', '1天01小时'],
])('span of %d ms is %s, %s', (ms, en, zh) => {
  expect([span('en', ms), span('zh', ms)]).toEqual([en, zh]);
});

test('a moment is shown in the zone of the site', () => {
  expect(clockTime(Date.UTC(2026, 10, 24, 6, 5, 9), 'Asia/Shanghai')).toBe('2026-11-24 14:05:09');
});

const options = { language: 'en', timezone: 'UTC' } as const;

test('a line of a timeline is a sentence: spans, severities and lists in words, an unknown code with its values', () => {
  expect(line({ code: 'incident.severity', values: { from: 'general', to: 'fatal', reason: 'spreads' } }, options)).toBe(
    'severity changed from GENERAL to FATAL: spreads',
  );
  expect(
    line({ code: 'incident.pulled', values: { page: 'inc-1/first', to: ['level_1', 'all_hands'], due: 0, early_ms: 600_000 } }, options),
  ).toBe('page inc-1/first reached nobody: level_1, all_hands paged 10m ahead of time');
  expect(line({ code: 'incident.paged', values: { page: 'p', delivered: ['Ana'], failed: [] } }, options)).toBe('page p: delivered to Ana');
  expect(line({ code: 'later.word', values: { a: 1, b: null } }, options)).toBe('later.word a=1');
});

test('"Next" says who is told, in how long, at what time, unless who does what', () => {
  const at = Date.UTC(2026, 0, 5, 2, 10);
  expect(nextLine({ what: 'tier', at, values: { to: ['level_1', 'all_hands'], report: false } }, at - 598_000, options)).toBe(
    'Next: level_1, all_hands paged in 09:58 (at 2026-01-05 02:10:00) unless somebody acknowledges',
  );
  expect(nextLine({ what: 'tier', at, values: { to: ['on_duty'], report: true } }, at - 1_000, { ...options, language: 'zh' })).toBe(
    '下一步：00:01 后（2026-01-05 02:10:00）要求 on_duty 提交报告，除非有人接手',
  );
  expect(nextLine({ what: 'resolve', at: null, values: { commander: null } }, at, options)).toBe(say('en', 'next.resolve_nobody'));
});
