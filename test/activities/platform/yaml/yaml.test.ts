import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseInChild } from '../../../../activities/platform/yaml/parser.ts';
import { parseYaml, placeOf, readYaml } from '../../../../activities/platform/yaml/yaml.ts';

async function codeOf(text: string | Uint8Array): Promise<string | undefined> {
  return (await parseYaml(text)).flaws[0]?.code;
}

test('YAML 1.2 is read as JSON: "no" is a text, 012 is twelve', async () => {
  const { value } = await parseYaml('a: no\nb: 012\nc: [1, 2.5, null, true]\nd:\n  - x: "1"\n');

  expect(value).toEqual({ a: 'no', b: 12, c: [1, 2.5, null, true], d: [{ x: '1' }] });
});

test('every key has its place, and flow maps are marked', async () => {
  const document = await parseYaml('a: 1\nb:\n  - c: { d: x, e }\n');

  expect(placeOf(document, ['a'])).toEqual({ line: 1, column: 1, plain: true });
  expect(placeOf(document, ['b', 0, 'c', 'd'])).toEqual({ line: 3, column: 10, flow: true, plain: true });
  expect(placeOf(document, ['b', 0, 'c', 'e'])).toMatchObject({ line: 3, column: 16, flow: true, bare: true });
  expect(placeOf(document, ['b', 0, 'c', 'nowhere', 'at', 'all'])).toMatchObject({ line: 3, column: 5 });
});

test.each<[string, string, string | undefined]>([
  ['800 nested "? "', `${'? '.repeat(800)}x`, 'E-YAML-DEPTH'],
  ['nested "? " line by line', Array.from({ length: 100 }, (_, i) => `${' '.repeat(i)}? a`).join('\n'), 'E-YAML-DEPTH'],
  ['nested "- "', `${'- '.repeat(100)}x`, 'E-YAML-DEPTH'],
  ['deep flow', `a: ${'['.repeat(5_000)}`, 'E-YAML-DEPTH'],
  ['deep flow over lines', `a:\n${'  [\n'.repeat(100)}`, 'E-YAML-DEPTH'],
  ['deep flow hidden behind closed quotes', `a: ${'["]", '.repeat(300)}`, 'E-YAML-DEPTH'],
  ['an alias bomb', `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]`, 'E-YAML-ALIAS'],
  ['duplicate keys', 'a: 1\nb: 2\na: 3', 'E-YAML-DUPLICATE'],
  ['tabs', 'a:\n\tb: 1', 'E-YAML-SYNTAX'],
  ['two documents', '--- 1\n--- 2', 'E-YAML-DOCUMENTS'],
  ['an unknown tag', 'a: !vault x', 'E-YAML-TAG'],
  ['a number too large', 'a: 9007199254740993', 'E-YAML-NUMBER'],
  ['infinity', 'a: .inf', 'E-YAML-NUMBER'],
  ['an open quote', 'a: "b', 'E-YAML-SYNTAX'],
  ['a control character', 'a: b\u0007', 'E-YAML-ENCODING'],
  ['a map as key', '? {a: 1}\n: 2', 'E-YAML-KEY'],
  ['an expression in a flow map', 'a: { expect: x[0] == 2 }', 'E-YAML-FLOW'],
  ['257 KB', `a: ${'x'.repeat(257 * 1024)}`, 'E-YAML-SIZE'],
  ['5,001 keys', Array.from({ length: 5_001 }, (_, i) => `k${i}: 1`).join('\n'), 'E-YAML-KEYS'],
  ['an empty file', '', undefined],
  ['only a comment', '# nothing\n', undefined],
  ['a script in a block with brackets', 'a: |\n  if [ "$x" = "{" ]; then echo "it\'s"; fi\n  f() { echo [[ ; }\n', undefined],
])('%s', async (_name, text, code) => {
  const begin = Date.now();
  expect(await codeOf(text)).toBe(code);
  expect(Date.now() - begin).toBeLessThan(1_500);
});

test('bytes that are not UTF-8 are refused, a byte order mark is dropped', async () => {
  expect(await codeOf(Uint8Array.from([0x61, 0x3a, 0x20, 0xb0, 0xa1]))).toBe('E-YAML-ENCODING');
  expect((await parseYaml(Uint8Array.from([0xef, 0xbb, 0xbf, 0x61, 0x3a, 0x20, 0x31]))).value).toEqual({ a: 1 });
});

test('a text that hangs the parser is given up when its time is over, and the next one is read by a new child', async () => {
  const hang = parseInChild(`a: [${'[x], '.repeat(50_000)}]`, 20);
  const after = parseInChild('a: 1');

  expect((await hang).flaws[0]?.code).toBe('E-YAML-TIME');
  expect((await after).value).toEqual({ a: 1 });
});

test('a text that kills the parser is reported, and the next one is read by a new child', async () => {
  const crash = await parseInChild(`${'['.repeat(200_000)}`);

  expect(['E-YAML-CRASH', 'E-YAML-DEPTH', 'E-YAML-TIME']).toContain(crash.flaws[0]?.code);
  expect((await parseInChild('a: 1')).value).toEqual({ a: 1 });
});

test('__proto__ is a key like any other', async () => {
  const { value } = await parseYaml('__proto__: { polluted: 1 }');

  expect(Object.keys(value as object)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a hundred files take one child and little time', async () => {
  await parseYaml('a: 1');
  const begin = Date.now();
  const documents = await Promise.all(Array.from({ length: 100 }, (_, i) => parseYaml(`a: ${i}\nb: [x, y]\n`)));

  expect(documents.map(({ value }) => (value as { a: number }).a)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(Date.now() - begin).toBeLessThan(1_000);
});

test('readYaml says what is wrong with the file itself', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yaml-'));
  try {
    expect((await readYaml(path.join(folder, 'no.yaml'))).flaws[0]).toMatchObject({ code: 'E-FILE', message: 'the file does not exist' });
    await writeFile(path.join(folder, 'big.yaml'), Buffer.alloc(300_000, 0x61));
    expect((await readYaml(path.join(folder, 'big.yaml'))).flaws[0]?.code).toBe('E-YAML-SIZE');
  } finally {
    await rm(folder, { recursive: true });
  }
});
