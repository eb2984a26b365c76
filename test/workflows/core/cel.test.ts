import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import {
  evaluate,
  ExpressionError,
  expressionsIn,
  holds,
  Instant,
  interpolate,
  parse,
  references,
  shellWord,
  Span,
} from '../../../workflows/core/cel.ts';
import type { Json } from '../../../workflows/domain/words.ts';

function failure(work: () => unknown): ExpressionError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ExpressionError);
    return error as ExpressionError;
  }
  throw new Error('expected an ExpressionError');
}

describe('evaluate', () => {
  test.each<[string, Record<string, Json>, Json]>([
    ['x + 1', { x: 2 }, 3],
    ['x * 2', { x: 2.5 }, 5],
    ['x - 0.5', { x: 2 }, 1.5],
    ['x / 2', { x: 5 }, 2],
    ['size(l) > 0', { l: [1] }, true],
    ['m.a.b == "c"', { m: { a: { b: 'c' } } }, true],
    ['has(m.a) && m.a > 1', { m: {} }, false],
    ['"web" in node.tags', { node: { tags: ['web', 'prod'] } }, true],
    ['name.matches("^db-[0-9]+$")', { name: 'db-1' }, true],
    ['l.all(n, n.up) && l.exists(n, n.ms > 3)', { l: [{ up: true, ms: 4 }] }, true],
    ['l.map(n, n * 2)', { l: [1, 2] }, [2, 4]],
    ['json(text).rows[0].n + 1', { text: '{"rows":[{"n":41}]}' }, 42],
    ['"a,b".split(",")', {}, ['a', 'b']],
    ['{"a": [1, 2.5, null]}', {}, { a: [1, 2.5, null] }],
    ['x == null', { x: null }, true],
    ['m["a-b"]', { m: { 'a-b': 1 } }, 1],
    ['string(1) + "x"', {}, '1x'],
  ])('%s', (source, scope, expected) => {
    expect(evaluate(source, scope)).toEqual(expected);
  });

  test('durations and moments enter, are compared, and leave as text', () => {
    const scope = { objectives: { rto: new Span(600_000) }, run: { duration: new Span(90_500) }, at: new Instant(1_700_000_000_000) };
    expect(evaluate('objectives.rto.getSeconds()', scope)).toBe(600);
    expect(evaluate('run.duration < duration("10m")', scope)).toBe(true);
    expect(evaluate('objectives.rto', scope)).toBe('600s');
    expect(evaluate('run.duration', scope)).toBe('90.5s');
    expect(evaluate('at', scope)).toBe('2023-11-14T22:13:20.000Z');
    expect(evaluate('now() - at < objectives.rto', scope, { now: 1_700_000_100_000 })).toBe(true);
    expect(evaluate('now() - timestamp("2023-11-14T22:13:20Z")', {}, { now: 1_700_000_001_000 })).toBe('1s');
  });

  test('whole numbers survive the way through CEL', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('$secret'));
        const clean = JSON.parse(JSON.stringify(value)) as Json;
        expect(JSON.stringify(evaluate('x', { x: clean }))).toBe(JSON.stringify(clean));
      }),
    );
  });

  test.each<[string, Record<string, Json>, RegExp, RegExp]>([
    [
      'steps.lag.out.byts',
      { steps: { lag: { out: { bytes: 1 } } } },
      /"steps\.lag\.out" has no "byts"/,
      /did you mean "bytes".*has\(steps\.lag\.out\.byts\)/,
    ],
    [
      'steps.lag.out.x',
      { steps: { lag: { status: 'skipped' } } },
      /"steps\.lag" has no "out"/,
      /known keys: status; test it first with has\(steps\.lag\.out\)/,
    ],
    ['input.x', { inputs: { x: 1 } }, /nothing is called "input"/, /did you mean "inputs"/],
    ['sise(x)', { x: [] }, /no function "sise"/, /"size"/],
    ['x < 1', { x: 'a' }, /"<" does not take \(string, int\)/, /convert/],
    ['duration("7d")', {}, /duration cannot be read/, /168h/],
    ['l[3]', { l: [1] }, /index 3 out of bounds/, /size/],
    ['x.matches("(")', { x: 'a' }, /regexp/, /RE2/],
    ['x.matches("a(?=b)")', { x: 'a' }, /regexp/, /RE2/],
    ['now()', {}, /now\(\) has no value/, /^/],
    ['a.b.c', { a: { b: 1 } }, /"a\.b" is a number and has no "c"/, /"a\.b" itself/],
  ])('%s fails readably', (source, scope, message, hint) => {
    const error = failure(() => evaluate(source, scope));
    expect(error.message).toMatch(message);
    expect(error.message).toContain(source);
    expect(error.hint ?? '').toMatch(hint);
  });

  test('a syntax error names its column and the usual slip', () => {
    expect(failure(() => parse('a = 1'))).toMatchObject({ code: 'E-EXPR-SYNTAX', hint: 'equality is ==' });
    expect(failure(() => parse('a and b')).hint).toMatch(/&&/);
    expect(failure(() => parse('${{ a }}')).hint).toMatch(/bare expression/);
    expect(failure(() => parse('a ==')).column).toBe(3);
  });

  test('prototype names are ordinary missing keys', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(failure(() => evaluate(`x.${name}`, { x: {} })).message).toMatch('has no');
      expect(failure(() => evaluate(name, {})).message).toMatch('nothing is called');
    }
    expect(evaluate('json(t)', { t: '{"__proto__": {"polluted": 1}}' })).toEqual(JSON.parse('{"__proto__": {"polluted": 1}}'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a hostile pattern costs next to nothing', () => {
    const begin = process.hrtime.bigint();
    expect(evaluate('x.matches("^(a+)+$")', { x: `${'a'.repeat(5_000)}!` })).toBe(false);
    expect(Number(process.hrtime.bigint() - begin) / 1e6).toBeLessThan(1_000);
  });

  test('what JSON cannot carry is refused', () => {
    for (const source of ['9007199254740993', '1.0 / 0.0', 'b"abc"', 'type(1)'])
      expect(() => evaluate(source, {})).toThrow(ExpressionError);
    expect(() => evaluate('json(t)', { t: '{"$secret": "db"}' })).toThrow(/secrets\.NAME/);
  });

  test('length and loop depth are bounded', () => {
    expect(failure(() => parse(`"${'x'.repeat(5_000)}"`)).code).toBe('E-EXPR-LIMIT');
    expect(() => parse('l.all(a, l.all(b, l.all(c, l.all(d, true))))')).toThrow(/nested 3 deep/);
  });

  test('only what is read is converted: a scope of 1,000 hosts costs no more than one host', () => {
    const hosts = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`h${i}`, { out: { n: i, text: 'x'.repeat(100) } }]));
    const begin = process.hrtime.bigint();
    for (let i = 0; i < 1_000; i++) evaluate('steps.h7.out.n == 7', { steps: hosts });
    expect(Number(process.hrtime.bigint() - begin) / 1e6).toBeLessThan(250);
  });
});

test('holds refuses what is not true or false', () => {
  expect(holds('1 < 2', {})).toBe(true);
  expect(failure(() => holds('1', {})).message).toMatch(/gives 1, not true or false/);
});

describe('interpolate', () => {
  const scope = { inputs: { n: 3, list: ['a', "b'c"], name: "o'brien; rm -rf /" }, steps: { s: { out: { ok: true } } } };

  test('a whole value keeps its type, mixed text is a string', () => {
    expect(interpolate('${{ inputs.n }}', scope)).toBe(3);
    expect(interpolate('${{ inputs.list }}', scope)).toEqual(['a', "b'c"]);
    expect(interpolate('n=${{ inputs.n }}, ${{ steps.s.out.ok }}', scope)).toBe('n=3, true');
    expect(interpolate({ a: ['x', '${{ inputs.n }}'], b: 4 }, scope)).toEqual({ a: ['x', 3], b: 4 });
    expect(interpolate('${{ {"a": {"b": "}}"}} }}', scope)).toEqual({ a: { b: '}}' } });
    expect(interpolate('', scope)).toBe('');
  });

  test('what came from outside is never read as a template again', () => {
    expect(interpolate('${{ inputs.x }}', { inputs: { x: '${{ secrets.db }}' } })).toBe('${{ secrets.db }}');
  });

  test('a secret stands alone or not at all', () => {
    expect(interpolate({ env: { PGPASSWORD: '${{ secrets.db_password }}' } }, {})).toEqual({
      env: { PGPASSWORD: { $secret: 'db_password' } },
    });
    for (const text of ['x ${{ secrets.a }}', '${{ secrets.a + "x" }}', '${{ [secrets.a] }}', '${{ secrets }}']) {
      expect(failure(() => interpolate(text, { secrets: { a: 'value' } })).code).toBe('E-EXPR-SECRET');
    }
    expect(failure(() => interpolate('echo ${{ secrets.a }}', {}, { quote: 'sh' })).code).toBe('E-EXPR-SECRET');
    expect(failure(() => interpolate('${{ secrets.a }}', {}, { quote: 'sh' })).code).toBe('E-EXPR-SECRET');
  });

  test('an open or empty expression is an error', () => {
    expect(failure(() => interpolate('a ${{ b', {})).message).toMatch(/never closed/);
    expect(failure(() => interpolate('a ${{ }}', {})).message).toMatch(/empty/);
  });

  test('for a shell every value is one word', () => {
    expect(interpolate('echo ${{ inputs.name }} ${{ inputs.list }}', scope, { quote: 'sh' })).toBe(
      `echo 'o'\\''brien; rm -rf /' 'a' 'b'\\''c'`,
    );
    expect(() => interpolate('echo ${{ x }}', { x: 'a\0b' }, { quote: 'sh' })).toThrow(/NUL/);
  });

  test('a real shell reads back what was quoted', () => {
    const words = fc
      .sample(
        fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0')),
        60,
      )
      .concat(['$(id)', '`id`', '\n', '-n', '"', "'", '\\', '!!', '~', '*']);
    const script = words.map((word) => `printf '%s\\0' ${shellWord(word)}`).join('\n');
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(stdout.split('\0').slice(0, -1)).toEqual(words);
  });
});

test('references lists what is read, roots first, without loop variables and function names', () => {
  expect(references('steps.lag.out.bytes <= inputs["max"] && has(a.b)')).toEqual([
    ['steps', 'lag', 'out', 'bytes'],
    ['inputs', 'max'],
    ['a', 'b'],
  ]);
  expect(references('targets.web.all(n, n.up && x)')).toEqual([['targets', 'web'], ['x']]);
  expect(references('strings.quote(y.z)')).toEqual([['y', 'z']]);
  expect(references('l[i].a ? {"k": v} : [w]')).toEqual([['l'], ['i'], ['v'], ['w']]);
  expect(expressionsIn({ a: ['x ${{ b }} ${{ c }}'], d: 1 })).toEqual(['b', 'c']);
});
