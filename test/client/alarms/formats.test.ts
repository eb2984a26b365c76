import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { depthOf, readBody } from '../../../client/alarms/body.ts';
import { alarmFormats } from '../../../client/alarms/index.ts';
import { limits } from '../../../client/alarms/limits.ts';
import type { Json } from '../../../workflows/domain/words.ts';

const golden = join(__dirname, 'golden');
const names = readdirSync(golden)
  .filter((name) => name.endsWith('.in.json'))
  .map((name) => name.replace('.in.json', ''));

function read(format: string, raw: Json) {
  const found = alarmFormats.find((one) => one.id === format);
  if (!found) throw new Error(format);
  return found.read(raw, { source: 'src' });
}

describe('golden files', () => {
  // To accept a change: delete the .out.json and run the test.
  test.each(names)('%s', (name) => {
    const out = join(golden, `${name}.out.json`);
    const got = read(name.split('-')[0]!, readBody(readFileSync(join(golden, `${name}.in.json`))));
    if (!existsSync(out)) writeFileSync(out, `${JSON.stringify(got, null, 2)}\n`);

    expect(JSON.parse(JSON.stringify(got))).toEqual(JSON.parse(readFileSync(out, 'utf8')));
  });
});

describe('readBody', () => {
  test.each([
    ['no JSON', '{"name": ', 'E-ALARM-JSON'],
    ['deep JSON', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'E-ALARM-DEEP'],
    ['brackets that never close', '{"a":'.repeat(100_000), 'E-ALARM-DEEP'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'E-ALARM-ENCODING'],
  ])('%s is refused with a reason', (_name, body, code) => {
    expect(() => readBody(Buffer.from(body as string))).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });

  test('brackets inside of strings are no depth', () => {
    expect(depthOf(JSON.stringify({ a: '[[[[{{{"\\"[' }))).toBe(1);
  });
});

describe('shapes', () => {
  test('a body of another format names what is wrong', () => {
    expect(() => read('alertmanager', { name: 'x' })).toThrow(
      expect.objectContaining({ code: 'E-ALARM-SHAPE', message: expect.stringContaining('alerts') }),
    );
    expect(() => read('generic', [{ name: 'ok' }, { summary: 'no name' }])).toThrow(
      expect.objectContaining({ message: expect.stringContaining('1.name') }),
    );
    expect(() => read('generic', 'text')).toThrow(expect.objectContaining({ code: 'E-ALARM-SHAPE' }));
  });

  test('an unknown key of ours is accepted and the nearest word is told', () => {
    expect(read('generic', { name: 'x', severty: 'fatal' }).warnings[0]).toContain('did you mean "severity"');
  });

  test('without dedup_key the same name and labels are the same alarm, in any order', () => {
    const [one] = read('generic', { name: 'x', labels: { a: '1', b: '2' }, severity: 'fatal' }).alarms;
    const [two] = read('generic', { name: 'x', labels: { b: '2', a: '1' } }).alarms;
    const [other] = read('generic', { name: 'x', labels: { b: '2' } }).alarms;

    expect(two?.dedup_key).toBe(one?.dedup_key);
    expect(other?.dedup_key).not.toBe(one?.dedup_key);
  });

  test('labels are capped in number and length, and nothing reaches a prototype', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`l${n}`, 'x'.repeat(5_000)]));
    const [alarm] = read(
      'generic',
      JSON.parse(`{"name":"x","labels":{"__proto__":{"polluted":1},${JSON.stringify(many).slice(1)}}`) as Json,
    ).alarms;

    expect(Object.keys(alarm!.labels)).toHaveLength(limits.labels);
    expect(alarm!.labels.l0).toHaveLength(limits.value_chars);
    expect(alarm!.extra).toEqual({ left_out: 100 - limits.labels + 1 });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
