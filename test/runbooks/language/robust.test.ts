import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseYaml } from '../../../activities/platform/yaml/yaml.ts';
import { compile, compileDocument } from '../../../runbooks/language/compile.ts';
import type { Json } from '../../../workflows/domain/words.ts';

const texts = ['switchover', 'restore-drill', 'steps-read', 'fan-out'].map((name) =>
  readFileSync(path.join(__dirname, `cases/${name}.yaml`), 'utf8'),
);

test('a damaged file gets findings with a place, never a crash', async () => {
  const damage = fc.record({
    text: fc.constantFrom(...texts),
    from: fc.nat(4_000),
    length: fc.nat(30),
    put: fc.constantFrom(
      '',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ':',
      '"',
      "'",
      '${{',
      '}}',
      '#',
      '*',
      '&',
      '!',
      '|',
      '? ',
      'null',
      '0',
      '\t',
      '中',
    ),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ text, from, length, put }) => {
      const { plan, problems } = await compile(text.slice(0, from) + put + text.slice(from + length), { file: 'x.yaml' });

      expect(plan === null).toBe(problems.some(({ level }) => level === 'error'));
      for (const { line, column, message } of problems) expect([line > 0, column > 0, message.length > 0]).toEqual([true, true, true]);
    }),
    { numRuns: 150, seed: 7 },
  );
});

test('any value in the place of any other gets findings, never a crash', async () => {
  const documents = await Promise.all(texts.map((text) => parseYaml(text)));
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<Json>(
      '',
      '${{ x',
      '__proto__',
      'constructor',
      [],
      {},
      [[]],
      1e300,
      -1,
      'a'.repeat(5_000),
      { constructor: 1 },
      'steps.a.out',
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...documents), fc.nat(10_000), odd, (document, pick, value) => {
      const pointers = Object.keys(document.places);
      const changed = put(document.value, pointers[pick % pointers.length]!.split('/').slice(1), value as Json);
      const { plan, problems } = compileDocument({ ...document, value: changed }, { file: 'x.yaml' });

      expect(plan === null).toBe(problems.some(({ level }) => level === 'error'));
    }),
    { numRuns: 400, seed: 7 },
  );
});

function put(whole: Json, [key, ...rest]: string[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(whole)) return whole.map((item, index) => (String(index) === key ? put(item, rest, value) : item));
  return { ...(whole as { [key: string]: Json }), [key]: put((whole as { [key: string]: Json })[key]!, rest, value) };
}
