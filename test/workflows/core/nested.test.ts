import { drillScript, scoreOf } from '../../../workflows/core/simulate/index.ts';
import { act, ask, look, moved, play, sh } from '../../support/play.ts';
import { stepOf } from '../../support/runs.ts';

describe('nested runs', () => {
  const nested = (fields = {}) =>
    stepOf(
      'rejoin',
      { kind: 'runbook', args: { name: 'pg_rejoin', version: '>=2', with: { cluster: '${{ inputs.cluster }}' } } },
      { risk: 'change', idempotent: false, timeout_ms: null, ...fields },
    );

  test('a child is started with its inputs, and its out is read', () => {
    const { actions, performs } = play(
      [nested({ out: { at: '${{ result.restore.at }}' } }), look('b', { call: sh('x', { run: ['${{ steps.rejoin.out.at }}'] }) })],
      { inputs: { cluster: 'main' }, script: { answers: [{ at: 'rejoin', result: { restore: { at: 'x1' } } }] } },
    );

    expect(actions.find(({ action }) => action.type === 'child')!.action).toEqual({
      type: 'child',
      id: 'rejoin#1',
      run: 'run-1.rejoin',
      runbook: 'pg_rejoin',
      version: '>=2',
      with: { cluster: 'main' },
      held: [],
    });
    expect(performs.at(-1)!.args['run']).toEqual(['x1']);
  });

  test('a nested run does not wait for the locks of the run above it', () => {
    const { actions } = play([nested({ lock: 'b' })], { plan: { lock: ['a'] }, inputs: { cluster: 'main' } });
    const inside = play([act('x', { lock: 'b' })], { plan: { lock: ['a'] }, held: ['a', 'b'] });

    expect(actions.find(({ action }) => action.type === 'child')!.action).toMatchObject({ held: ['a', 'b'] });
    expect(inside.actions.filter(({ action }) => action.type === 'lock')).toEqual([]);
    expect(inside.state.ended?.status).toBe('ok');
  });

  test("its failure is the step's; an abort goes down to it", () => {
    const failed = play([nested()], { inputs: { cluster: 'main' }, script: { faults: [{ at: 'rejoin', fault: 'exit' }] } });
    const aborted = play([nested()], {
      inputs: { cluster: 'main' },
      script: { delays: [{ at: 'rejoin', delay_ms: 60_000 }], moves: [moved(5_000, { kind: 'abort' })] },
    });

    expect(failed.status('rejoin')).toBe('failed');
    expect(aborted.actions.filter(({ action }) => action.type === 'cancel').map(({ action }) => action)).toEqual([
      { type: 'cancel', id: 'rejoin#1' },
    ]);
    expect(aborted.state.ended?.status).toBe('aborted');
  });
});

describe('drill', () => {
  const drill = {
    mode: 'simulate' as const,
    inject: [
      { at: 'a', fault: 'unreachable', delay_ms: null },
      { at: 'b', fault: null, delay_ms: 45_000 },
    ],
    score: [
      { expect: 'run.duration < duration("1m")', points: 40 },
      { expect: 'run.acked_within < duration("3m")', points: 30 },
      { expect: 'run.undo.failed == 0', points: 30 },
    ],
  };

  test('in simulate a step is skipped, or answers as its drill says', () => {
    const steps = [act('a', { drill: 'skip' }), look('b', { drill: { answer: { stdout: 'x' } }, out: { text: '${{ result.stdout }}' } })];

    expect(play(steps, { mode: 'simulate' }).status('a')).toBe('skipped');
    expect(play(steps, { mode: 'simulate' }).state.steps['b']!.out).toEqual({ text: 'x' });
    expect(play(steps).status('a')).toBe('ok');
  });

  test('its faults are a script, and its score says what was lost and why', () => {
    const played = play([act('a', { on_failure: { when: null, do: 'continue', note: null, open: null } }), look('b')], {
      plan: { drill },
      script: drillScript({ drill }),
    });
    const score = scoreOf(played.state);

    expect([played.status('a'), played.duration_ms]).toEqual(['continued', 46_000]);
    expect([score.points, score.of]).toEqual([70, 100]);
    expect(score.lines[1]!.why).toContain('null');
  });
});

test('set is checked by its expect', () => {
  expect(play([stepOf('s', { kind: 'set', args: { n: '${{ 1 + 1 }}' } }, { expect: 'out.n == 2' })]).status('s')).toBe('ok');
  expect(play([stepOf('s', { kind: 'set', args: { n: 1 } }, { expect: 'out.n == 2' })]).status('s')).toBe('failed');
});

test('run.acked_within and run.duration are durations', () => {
  const { performs } = play([
    look('a'),
    look('b', {
      call: sh('x', {
        run: [
          '${{ run.acked_within == null ? "none" : string(run.acked_within < duration("3m")) }}',
          '${{ string(run.duration == duration("1s")) }}',
        ],
      }),
    }),
  ]);

  expect(performs[1]!.args['run']).toEqual(['none', 'true']);
});

test("people's clock beside the run: level 1 at ten minutes unless somebody answers", () => {
  const steps = [ask('agree')];
  const quiet = play(steps, { plan: { severity: 'fatal' }, script: { incident: true } });
  const answered = play(steps, {
    plan: { severity: 'fatal' },
    script: { incident: true, incident_moves: [{ at_ms: 180_000, move: { id: 'a', by: 'ann', reason: '', kind: 'acknowledge' } }] },
  });

  expect(quiet.pages.map(({ at_ms, page }) => [at_ms, page.to])).toContainEqual([600_000, ['level_1', 'all_hands']]);
  expect(answered.pages.filter(({ page }) => page.to.includes('level_1'))).toEqual([]);
  expect(answered.state.acked_at! - answered.state.started_at).toBe(180_000);
});
