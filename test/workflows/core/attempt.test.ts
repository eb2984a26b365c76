import { act, look, moved, play, question, sh } from '../../support/play.ts';
import { once, stepOf } from '../../support/runs.ts';

const thrice = { ...once, max: 3, delay_ms: 5_000, backoff: 2 };

describe('expect and out', () => {
  test('a result is kept as out, and a later step reads it with its type', () => {
    const first = look('lag', { out: { bytes: '${{ row.bytes }}' } });
    const next = look('then', {
      call: { kind: 'ssh', args: { on: 'host', run: ['echo', '${{ steps.lag.out.bytes + 1 }}'], stdin: 'lag ${{ steps.lag.out.bytes }}' } },
    });

    const { performs, state } = play([first, next], { script: { answers: [{ at: 'lag', result: { rows: [{ bytes: 41 }], count: 1 } }] } });

    expect(state.steps['lag']!.out).toEqual({ bytes: 41 });
    expect(performs[1]!.args).toEqual({ on: 'host', run: ['echo', 42], stdin: 'lag 41' });
  });

  test.each([
    ['exit 0 without expect', null, { exit: 0 }, 'ok'],
    ['exit 1 without expect', null, { exit: 1 }, 'failed'],
    ['expect replaces the exit', 'result.exit == 3', { exit: 3 }, 'ok'],
    ['expect false', 'result.exit == 3', { exit: 0 }, 'failed'],
    ['expect reads out', 'out.n > 5', { exit: 0, n: 6 }, 'ok'],
    ['expect with a missing key', 'result.nothing == 1', { exit: 0 }, 'failed'],
  ])('%s', (_, expect_, result, status) => {
    const { state, status: of } = play([look('a', { expect: expect_, out: 'n' in result ? { n: '${{ result.n }}' } : {} })], {
      script: { answers: [{ at: 'a', result }] },
    });

    expect(of('a')).toBe(status);
    expect(state.ended?.status).toBe(status === 'ok' ? 'ok' : 'failed');
  });

  test('an expect that is false says what came back', () => {
    const { state } = play([look('a', { expect: 'row.n == 1' })], {
      script: { answers: [{ at: 'a', result: { rows: [{ n: 2 }], count: 1 } }] },
    });

    expect(state.failure?.problem).toEqual({
      kind: 'expect',
      message: 'expect of step "a": "row.n == 1" is false; the first row was {"n":2}',
      hint: null,
    });
  });

  test('reading the out of a skipped step fails the reader with the reason', () => {
    const steps = [look('a', { when: 'false', out: { x: '1' } }), act('b', { call: sh('x', { stdin: '${{ steps.a.out.x }}' }) })];
    const { state, ids } = play(steps);

    expect(ids).toEqual([]);
    expect(state.failure?.problem).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('step "a" was skipped and has no result'),
      hint: expect.stringContaining('steps.a.status'),
    });
  });

  test('values inside shell are quoted, values of run are not', () => {
    const { performs } = play(
      [
        look('a', { call: { kind: 'ssh', args: { on: 'host', shell: 'echo ${{ inputs.word }}' } } }),
        look('b', { call: sh('x', { run: ['echo', '${{ inputs.word }}'] }) }),
      ],
      { inputs: { word: '"; rm -rf / #' } },
    );

    expect(performs[0]!.args['shell']).toBe(`echo '"; rm -rf / #'`);
    expect(performs[1]!.args['run']).toEqual(['echo', '"; rm -rf / #']);
  });

  test('a secret stays a reference', () => {
    const { performs } = play([look('a', { call: sh('x', { env: { PASSWORD: '${{ secrets.db }}' } }) })], {
      plan: { secrets: { db: { from: 'env', key: 'DB' } } },
    });

    expect(performs[0]).toMatchObject({ args: { env: { PASSWORD: { $secret: 'db' } } }, secrets: { db: { from: 'env', key: 'DB' } } });
  });
});

describe('retry', () => {
  test('a read is tried max times with growing delays, each try under a new key', () => {
    const { performs, state } = play([look('a', { retry: thrice })], { script: { faults: [{ at: 'a', fault: 'exit' }] } });

    expect(performs.map(({ at_ms }) => at_ms)).toEqual([0, 6_000, 17_000]);
    expect(performs.map(({ units }) => units[0]!.key)).toEqual(['run-1/a#1', 'run-1/a#2', 'run-1/a#3']);
    expect(state.failure?.problem.message).toContain('tried 3 times');
  });

  test.each([
    ['not idempotent, exit: no second run', { idempotent: false }, 'exit', 1, 'failed'],
    ['not idempotent, unreachable: nothing ran, so it may', { idempotent: false }, 'unreachable', 3, 'failed'],
    ['not idempotent, unknown: a person decides', { idempotent: false }, 'unknown', 1, 'asking'],
    ['idempotent, unknown: tried again, then a person', { idempotent: true }, 'unknown', 3, 'asking'],
    ['idempotent, exit', { idempotent: true }, 'exit', 3, 'failed'],
    ['a refusal is final', { idempotent: true }, 'refused', 1, 'failed'],
  ] as const)('%s', (_, fields, fault, runs, status) => {
    const { performs, status: of, stuck } = play([act('a', { retry: thrice, ...fields })], { script: { faults: [{ at: 'a', fault }] } });

    expect(performs.filter(({ role }) => role === 'do')).toHaveLength(runs);
    expect(of('a')).toBe(status);
    if (status === 'asking')
      expect(stuck).toMatchObject({ what: 'decision', step: 'a', values: { moves: ['retry', 'skip', 'take_over', 'abort'] } });
  });

  test('until polls a read until it holds', () => {
    const poll = look('a', { retry: { ...once, until: 'row.done', for_ms: 90_000 } });
    const rows = (done: boolean) => ({ rows: [{ done }], count: 1 });
    const { performs, status, duration_ms } = play([poll], {
      script: {
        answers: [
          { at: 'a', result: rows(false), times: 4 },
          { at: 'a', result: rows(true) },
        ],
      },
    });

    expect(performs).toHaveLength(5);
    expect(status('a')).toBe('ok');
    expect(duration_ms).toBe(9_000);
  });

  test('until gives up after its time', () => {
    const poll = look('a', { retry: { ...once, until: 'row.done', for_ms: 90_000 } });
    const { state, duration_ms } = play([poll], { script: { answers: [{ at: 'a', result: { rows: [{ done: false }], count: 1 } }] } });

    expect(state.failure?.problem).toMatchObject({ kind: 'timeout', message: expect.stringContaining('still false') });
    expect(duration_ms).toBeGreaterThan(88_000);
    expect(duration_ms).toBeLessThanOrEqual(91_000);
  });
});

describe('done_when', () => {
  const guarded = (fields = {}) => act('a', { idempotent: true, done_when: question(), retry: thrice, ...fields });

  test('it is asked before any retry, and true means done', () => {
    const { ids, codes, status } = play([guarded()], {
      script: { faults: [{ at: 'a', fault: 'exit' }], answers: [{ at: 'a?', result: { exit: 0 } }] },
    });

    expect(ids).toEqual(['a#1', 'a?#1']);
    expect(status('a')).toBe('ok');
    expect(codes).toContain('step.was_done a');
  });

  test('an unknown outcome is asked about at once, a denial allows the next try', () => {
    const { ids, status, performs } = play([guarded()], {
      script: { faults: [{ at: 'a', fault: 'unknown', times: 1 }], answers: [{ at: 'a?', result: { exit: 1 } }] },
    });

    expect(ids).toEqual(['a#1', 'a?#1', 'a?#2', 'a#2']);
    expect(performs[1]!.at_ms).toBe(1_000);
    expect(status('a')).toBe('ok');
  });

  test('an unknown outcome that cannot be asked about never runs again by itself', () => {
    const { ids, status } = play([guarded()], {
      script: {
        faults: [
          { at: 'a', fault: 'unknown' },
          { at: 'a?', fault: 'unreachable' },
        ],
      },
    });

    expect(ids.filter((id) => id.startsWith('a#'))).toEqual(['a#1']);
    expect(ids.filter((id) => id.startsWith('a?'))).toHaveLength(2);
    expect(status('a')).toBe('asking');
  });

  test('unreachable, and nobody to ask: nothing ran, so it is tried again', () => {
    const { ids, status } = play([guarded()], { script: { faults: [{ at: 'a', fault: 'unreachable' }] } });

    expect(ids).toEqual(['a#1', 'a?#1', 'a#2', 'a?#2', 'a#3']);
    expect(status('a')).toBe('failed');
  });

  test('a person retries: done_when is asked first all the same', () => {
    const { ids, status } = play([guarded({ retry: once })], {
      script: {
        faults: [
          { at: 'a', fault: 'unknown', times: 1 },
          { at: 'a?', fault: 'unreachable', times: 2 },
        ],
        answers: [{ at: 'a?', result: { exit: 0 } }],
        moves: [moved(60_000, { kind: 'retry', step: 'a', args: {} })],
      },
    });

    expect(ids).toEqual(['a#1', 'a?#1', 'a?#2', 'a?#3']);
    expect(status('a')).toBe('ok');
  });
});

describe('on_failure of a step', () => {
  test.each([
    [
      'continue',
      { when: null, do: 'continue' as const, note: 'never mind', open: 'follow_up' as const },
      'unreachable' as const,
      'continued',
    ],
    [
      'continue when it fits',
      { when: 'error.kind == "unreachable"', do: 'continue' as const, note: null, open: null },
      'unreachable' as const,
      'continued',
    ],
    [
      'fail when it does not fit',
      { when: 'error.kind == "unreachable"', do: 'continue' as const, note: null, open: null },
      'exit' as const,
      'failed',
    ],
    ['fail', { when: null, do: 'fail' as const, note: null, open: 'follow_up' as const }, 'exit' as const, 'failed'],
  ])('%s', (_, on_failure, fault, status) => {
    const { status: of, codes } = play([act('a', { on_failure }), look('b')], { script: { faults: [{ at: 'a', fault }] } });

    expect(of('a')).toBe(status);
    expect(of('b')).toBe(status === 'continued' ? 'ok' : 'pending');
    expect(codes.includes('follow_up.opened a')).toBe(on_failure.open !== null);
  });

  test('a later step reads how it ended', () => {
    const steps = [
      act('fence', { on_failure: { when: null, do: 'continue', note: null, open: null } }),
      look('risk', { when: 'steps.fence.status == "continued"' }),
      look('fine', { when: 'steps.fence.status == "ok"' }),
    ];
    const { status } = play(steps, { script: { faults: [{ at: 'fence', fault: 'unreachable' }] } });

    expect([status('risk'), status('fine')]).toEqual(['ok', 'skipped']);
  });
});

test('set computes values, and seconds of a step can be read', () => {
  const steps = [
    look('a'),
    stepOf('s', { kind: 'set', args: { slow: '${{ steps.a.seconds > 0.5 }}', text: 'took ${{ steps.a.seconds }}' } }),
    look('b', { when: 'steps.s.out.slow' }),
  ];
  const { state, status } = play(steps);

  expect(state.steps['s']!.out).toEqual({ slow: true, text: 'took 1' });
  expect(status('b')).toBe('ok');
});
