import { escapeHtml, escapeMarkdown, printable } from '../../../workflows/domain/markup.ts';

test.each([
  ['plain-word inc-7 (ok) isolate_host', 'plain-word inc-7 (ok) isolate_host'],
  ['# not a heading', '\\# not a heading'],
  ['- no list', '\\- no list'],
  ['1. no list', '1\\. no list'],
  ['a | b', 'a \\| b'],
  ['[x](javascript:alert(1))', '\\[x\\](javascript:alert(1))'],
  ['<script>', '&lt;script&gt;'],
  ['*b* _i_ `c` ~s~', '\\*b\\* \\_i\\_ \\`c\\` \\~s\\~'],
  ['see http://evil.test and www.evil.test', 'see http:&#47;&#47;evil.test and www&#46;evil.test'],
  ['line\r\n# two', 'line # two'],
])('Markdown of %j', (text, wanted) => {
  expect(escapeMarkdown(text)).toBe(wanted);
});

test('HTML: every sign that could open a tag, an attribute or an entity', () => {
  expect(escapeHtml(`<a href="x" onclick='y'>&\``)).toBe('&#60;a href=&#34;x&#34; onclick=&#39;y&#39;&#62;&#38;&#96;');
});

test('printable: colours, bells and reversed writing are shown as a mark, line breaks are kept', () => {
  expect(printable('a\r\nb\u001b[31m\u0007\u202ec\td')).toBe('a\nb\uFFFD[31m\uFFFD\uFFFDc\td');
});
