import { codes } from '../../../workflows/core/codes.ts';
import { en, zh } from '../../../workflows/domain/catalogue/run.ts';

test('every line of a run has words in both languages, and they name only values that the line has', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(codes).sort());
  for (const [code, names] of Object.entries(codes)) {
    for (const sentence of [en[code as keyof typeof en], zh[code as keyof typeof zh]]) {
      const used = [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      expect({ code, unknown: used.filter((name) => !(names as readonly string[]).includes(name)) }).toEqual({ code, unknown: [] });
    }
  }
});
