import { act, ask, look, moved, play, sh } from '../../support/play.ts';
import { stepOf } from '../../support/runs.ts';

const begins = (played: ReturnType<typeof play>) => Object.fromEntries(played.performs.map(({ step, at_ms }) => [step, at_ms]));

describe('needs and when', () => {
  test('steps that need the same begin together, and one that needs both waits for the slower', () => {
    const played = play([look('a'), look('b', { needs: ['a'] }), look('c', { needs: ['a'] }), look('d', { needs: ['b', 'c'] })], {
      script: { delays: [{ at: 'c', delay_ms: 5_000 }] },
    });

    expect(begins(played)).toEqual({ a: 0, b: 1_000, c: 1_000, d: 6_000 });
  });

  test('a skipped step satisfies needs; when is read as late as possible', () => {
    const played = play([
      look('a', { out: { n: '${{ result.exit }}' } }),
      look('b', { when: 'steps.a.out.n == 1' }),
      look('c', { when: 'steps.b.status == "skipped"' }),
    ]);

    expect(['a', 'b', 'c'].map(played.status)).toEqual(['ok', 'skipped', 'ok']);
  });

  test('a when that cannot be read fails its step', () => {
    const { state, ids } = play([look('a', { when: 'inputs.nothing' })]);

    expect(ids).toEqual([]);
    expect(state.failure?.problem).toMatchObject({ kind: 'refused', message: expect.stringContaining('when of step "a"') });
  });

  test('when one branch fails, the other ends what it has begun and begins nothing more', () => {
    const played = play(
      [
        look('a'),
        act('bad', { needs: ['a'] }),
        act('slow', { needs: ['a'] }),
        act('then', { needs: ['slow'] }),
        ask('agree', {}, { needs: ['a'] }),
      ],
      { script: { faults: [{ at: 'bad', fault: 'exit' }], delays: [{ at: 'slow', delay_ms: 9_000 }] } },
    );

    expect(['bad', 'slow', 'then', 'agree'].map(played.status)).toEqual(['failed', 'ok', 'pending', 'skipped']);
    expect(played.duration_ms).toBe(10_000);
  });
});

describe('wait', () => {
  test.each([
    ['for', { for: '10m' }, 600_000],
    ['for an input', { for: '${{ inputs.pause }}' }, 90_000],
    ['until a moment', { until: '2026-01-01T00:05:00Z' }, 300_000],
    ['until a moment that has passed', { until: '2020-01-01T00:00:00Z' }, 0],
    ['until a computed moment', { until: '${{ now() + duration("30s") }}' }, 30_000],
  ])('%s', (_, args, ms) => {
    const { duration_ms, state } = play([stepOf('w', { kind: 'wait', args }, { timeout_ms: null })], { inputs: { pause: '90s' } });

    expect(state.ended?.status).toBe('ok');
    expect(duration_ms).toBe(ms);
  });

  test('for nonsense fails with the reason', () => {
    expect(
      play([stepOf('w', { kind: 'wait', args: { for: '${{ inputs.x }}' } })], { inputs: { x: 'soon' } }).state.failure?.problem.message,
    ).toBe('wait.for of step "w": "soon" is no duration');
  });
});

describe('checks', () => {
  const check = (fields = {}) => ({ call: null, expect: 'inputs.fine', message: null, then: 'stop' as const, after: [], ...fields });

  test.each([
    ['holds', true, 'stop', 'ok', ['a#1']],
    ['stops', false, 'stop', 'failed', []],
    ['is noted', false, 'note', 'ok', ['a#1']],
  ] as const)('before: %s', (_, fine, then, status, ids) => {
    const played = play([act('a')], { inputs: { fine }, plan: { checks: { before: [check({ then })], after: [] } } });

    expect([played.state.ended?.status, played.ids]).toEqual([status, ids]);
  });

  test('before settles once the steps it names are done, ahead of what changes something or reads it', () => {
    const before = [
      check({
        expect: 'steps.lag.out.bytes <= 5',
        message: 'standby is ${{ steps.lag.out.bytes }} bytes behind',
        then: 'note',
        after: ['lag'],
      }),
      check({ call: sh('slow'), expect: null, message: null }),
    ];
    const steps = [
      look('lag', { out: { bytes: '${{ result.bytes }}' } }),
      look('free', { needs: [] }),
      act('change', { needs: [] }),
      ask('agree', { ask: '${{ checks.before.messages[0] }}' }, { needs: [], when: 'checks.before.failed' }),
    ];
    const played = play([...steps.slice(0, 1), ...steps.slice(1).map((step) => ({ ...step, needs: ['lag'] }))], {
      plan: { checks: { before, after: [] } },
      script: {
        answers: [{ at: 'lag', result: { bytes: 9 } }],
        delays: [{ at: 'checks.before[1]', delay_ms: 8_000 }],
        moves: [moved(20_000, { kind: 'approve', step: 'agree' })],
      },
    });

    expect(played.performs.filter(({ kind }) => kind === 'ssh').map(({ id, at_ms }) => [id, at_ms])).toEqual([
      ['lag#1', 0],
      ['checks.before[1]#1', 0],
      ['free#1', 1_000],
      ['change#1', 8_000],
    ]);
    expect(played.state.steps['agree']!.vote!.ask).toBe('standby is 9 bytes behind');
  });

  test('a step that changes something and that a check waits for does not wait for that check', () => {
    const played = play([act('a'), act('b')], {
      plan: { checks: { before: [check({ expect: 'steps.a.status == "ok"', after: ['a'] })], after: [] } },
    });

    expect(played.state.ended?.status).toBe('ok');
  });

  test("after: asked when the steps are done; its failure is the run's", () => {
    const after = [check({ call: { kind: 'probe', args: { tcp: 'vip:5432' } }, expect: 'result.up' })];
    const good = play([act('a')], { plan: { checks: { before: [], after } } });
    const bad = play([act('a')], {
      plan: { checks: { before: [], after }, on_failure: [{ do: 'escalate', to: ['boss'] }] },
      script: { answers: [{ at: 'checks.after[0]', result: { up: false } }] },
    });

    expect([good.state.ended?.status, good.ids]).toEqual(['ok', ['a#1', 'checks.after[0]#1']]);
    expect(bad.state.ended?.status).toBe('failed');
    expect(bad.codes).toContain('check.failed');
  });
});
