import fc from 'fast-check';
import { cut, pad, safe, width } from '../../../client/cli/safe.ts';
import { table } from '../../../client/cli/table.ts';

describe('safe', () => {
  test.each([
    ['red\u001b[31m', 'red\\x1b[31m'],
    ['a\nb\r', 'a\\nb\\r'],
    ['web\u202e1-bd', 'web\\u202e1-bd'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['half \ud800 pair', 'half \\ud800 pair'],
    ['数据库 🔥', '数据库 🔥'],
    ['tab\tkept', 'tab\tkept'],
  ])('shows %j as %j', (given, want) => {
    expect(safe(given)).toBe(want);
  });

  test('never lets a control, escape or bidirectional character through, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex
        expect(safe(text)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe('table', () => {
  test('lines columns up by cells, so that wide characters do not shift them', () => {
    const lines = table(
      ['NAME', 'ROLE'],
      [
        ['陈', 'dba'],
        ['wu', 'ic'],
      ],
      80,
    );

    expect(lines).toEqual(['NAME  ROLE', '陈    dba', 'wu    ic']);
  });

  test('cuts the last column to the width of the screen', () => {
    expect(table(['A', 'B'], [['x', 'y'.repeat(90)]], 40)[1]).toBe(`x  ${'y'.repeat(36)}…`);
  });

  test('pads and cuts to the same number of cells', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 40 }), (text, cells) => {
        const plain = safe(text);
        expect(width(cut(plain, cells))).toBeLessThanOrEqual(cells);
        expect(width(pad(cut(plain, cells), cells))).toBe(cells);
      }),
    );
  });
});
