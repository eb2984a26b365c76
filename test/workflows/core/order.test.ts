import { drillScript, scoreOf, simulateTogether } from '../../../workflows/core/simulate/index.ts';
import { act, ask, look, moved, play, sh } from '../../support/play.ts';
import { inputOf, nodeOf, once, planOf, stepOf } from '../../support/runs.ts';

const begins = (played: ReturnType<typeof play>) => Object.fromEntries(played.performs.map(({ step, at_ms }) => [step, at_ms]));

describe('needs and when', () => {
  test('steps that need the same begin together, and one that needs both waits for the slower', () => {
    const played = play([look('a'), look('b', { needs: ['a'] }), look('c', { needs: ['a'] }), look('d', { needs: ['b', 'c'] })], { script: { delays: [{ at: 'c', delay_ms: 5_000 }] } });

    expect(begins(played)).toEqual({ a: 0, b: 1_000, c: 1_000, d: 6_000 });
  });

  test('a skipped step satisfies needs; when is read as late as possible', () => {
    const played = play([look('a', { out: { n: '${{ result.exit }}' } }), look('b', { when: 'steps.a.out.n == 1' }), look('c', { when: 'steps.b.status == "skipped"' })]);

    expect(['a', 'b', 'c'].map(played.status)).toEqual(['ok', 'skipped', 'ok']);
  });

  test('a when that cannot be read fails its step', () => {
    const { state, ids } = play([look('a', { when: 'inputs.nothing' })]);

    expect(ids).toEqual([]);
    expect(state.failure?.problem).toMatchObject({ kind: 'refused', message: expect.stringContaining('when of step "a"') });
  });

  test('when one branch fails, the other ends what it has begun and begins nothing more', () => {
    const played = play([look('a'), act('bad', { needs: ['a'] }), act('slow', { needs: ['a'] }), act('then', { needs: ['slow'] }), ask('agree', {}, { needs: ['a'] })], { script: { faults: [{ at: 'bad', fault: 'exit' }], delays: [{ at: 'slow', delay_ms: 9_000 }] } });

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
    expect(play([stepOf('w', { kind: 'wait', args: { for: '${{ inputs.x }}' } })], { inputs: { x: 'soon' } }).state.failure?.problem.message).toBe('wait.for of step "w": "soon" is no duration');
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
    const before = [check({ expect: 'steps.lag.out.bytes <= 5', message: 'standby is ${{ steps.lag.out.bytes }} bytes behind', then: 'note', after: ['lag'] }), check({ call: sh('slow'), expect: null, message: null })];
    const steps = [look('lag', { out: { bytes: '${{ result.bytes }}' } }), look('free', { needs: [] }), act('change', { needs: [] }), ask('agree', { ask: '${{ checks.before.messages[0] }}' }, { needs: [], when: 'checks.before.failed' })];
    const played = play([...steps.slice(0, 1), ...steps.slice(1).map((step) => ({ ...step, needs: ['lag'] }))], {
      plan: { checks: { before, after: [] } }, script: { answers: [{ at: 'lag', result: { bytes: 9 } }], delays: [{ at: 'checks.before[1]', delay_ms: 8_000 }], moves: [moved(20_000, { kind: 'approve', step: 'agree' })] },
    });

    expect(played.performs.filter(({ kind }) => kind === 'ssh').map(({ id, at_ms }) => [id, at_ms])).toEqual([['lag#1', 0], ['checks.before[1]#1', 0], ['free#1', 1_000], ['change#1', 8_000]]);
    expect(played.state.steps['agree']!.vote!.ask).toBe('standby is 9 bytes behind');
  });

  test('a step that changes something and that a check waits for does not wait for that check', () => {
    const played = play([act('a'), act('b')], { plan: { checks: { before: [check({ expect: 'steps.a.status == "ok"', after: ['a'] })], after: [] } } });

    expect(played.state.ended?.status).toBe('ok');
  });

  test('after: asked when the steps are done; its failure is the run\'s', () => {
    const after = [check({ call: { kind: 'probe', args: { tcp: 'vip:5432' } }, expect: 'result.up' })];
    const good = play([act('a')], { plan: { checks: { before: [], after } } });
    const bad = play([act('a')], { plan: { checks: { before: [], after }, on_failure: [{ do: 'escalate', to: ['boss'] }] }, script: { answers: [{ at: 'checks.after[0]', result: { up: false } }] } });

    expect([good.state.ended?.status, good.ids]).toEqual(['ok', ['a#1', 'checks.after[0]#1']]);
    expect(bad.state.ended?.status).toBe('failed');
    expect(bad.codes).toContain('check.failed');
  });
});

describe('reactions', () => {
  const call = (id: string) => ({ do: 'call' as const, id, call: { kind: 'notify', args: { to: ['dba'], template: 'failed', with: { why: '${{ error.message }}' } } }, timeout_ms: 60_000, retry: once, expect: null });

  test('on_failure in order, then finally, then the end', () => {
    const { performs, state } = play([act('a')], { plan: { on_failure: [{ do: 'undo' }, { do: 'escalate', to: ['level_1'] }], finally: [{ ...call('report'), call: { kind: 'report', args: { template: 'summary' } } }] }, script: { faults: [{ at: 'a', fault: 'exit' }] } });

    expect(performs.map(({ id, kind, role }) => [id, kind, role])).toEqual([['a#1', 'ssh', 'do'], ['on_failure[1]#1', 'notify', 'react'], ['finally[0]#1', 'report', 'react']]);
    expect(performs[1]!.args).toMatchObject({ to: ['level_1'], template: 'escalated', severity: 'general' });
    expect(state.ended?.status).toBe('failed');
  });

  test('a reaction reads the error', () => {
    const { performs } = play([act('a')], { plan: { on_failure: [call('tell')] }, script: { faults: [{ at: 'a', fault: 'unreachable' }] } });

    expect(performs.at(-1)!.args['with']).toEqual({ why: 'the host cannot be reached' });
  });

  test('a check and a reaction go to every node of the target they name', () => {
    const targets = { web: [nodeOf('w1'), nodeOf('w2')], host: [nodeOf('host1')] };
    const on = (place: string) => ({ kind: 'ssh', args: { on: place, run: ['x'] } });
    const before = [{ call: on('web'), expect: null, message: null, then: 'stop' as const, after: [] }];
    const { performs } = play([act('a')], { targets, plan: { targets: { web: { where: 'true', exactly: null, at_least: 1, pick: null } }, checks: { before, after: [] }, finally: [{ ...call('clean'), call: on('host') }] } });

    expect(performs.map(({ id, units }) => [id, units.map(({ node, key }) => `${node} ${key}`)])).toEqual([
      ['checks.before[0]#1', ['w1 run-1/checks.before[0][w1]#1', 'w2 run-1/checks.before[0][w2]#1']],
      ['a#1', ['host1 run-1/a#1']],
      ['finally[0]#1', ['host1 run-1/finally[0]#1']],
    ]);
  });

  test('a failed reaction is a line, and the rest go on', () => {
    const { codes, performs } = play([look('a')], { plan: { finally: [call('one'), { ...call('two'), call: { kind: 'record', args: {} } }] }, script: { faults: [{ at: 'finally[0]', fault: 'exit' }] } });

    expect(performs.map(({ id }) => id)).toEqual(['a#1', 'finally[1]#1']);
    expect(codes).toContain('reaction.failed');
  });
});

describe('locks', () => {
  const run = (id: string, lock: readonly string[], steps = [act('a')]) => ({ input: inputOf(id, planOf(steps, { lock })), script: { incident: false } });
  const span = (found: ReturnType<typeof simulateTogether>[number]) => {
    const performs = found.actions.filter(({ action }) => action.type === 'perform');
    return [performs[0]!.at_ms, found.duration_ms];
  };

  test('two runs with one lock go one after the other; crossed orders do not block', () => {
    const [one, two] = simulateTogether([run('r1', ['b', 'a']), run('r2', ['a', 'b'])]);

    expect([span(one!), span(two!)]).toEqual([[0, 1_000], [1_000, 2_000]]);
  });

  test('the lock of a step excludes steps of other runs and of its own run', () => {
    const twice = [look('first'), act('a', { lock: 'vip', needs: ['first'] }), act('b', { lock: 'vip', needs: ['first'] })];
    const played = play(twice);
    const [, other] = simulateTogether([run('r1', [], [act('x', { lock: 'vip' })]), run('r2', [], [act('y', { lock: 'vip' })])]);

    expect(begins(played)).toMatchObject({ a: 1_000, b: 2_000 });
    expect(span(other!)).toEqual([1_000, 2_000]);
  });

  test('a step that waits too long for its lock fails, so that the run ends', () => {
    const { state, duration_ms } = play([act('a', { lock: 'vip' })], { script: { held: [{ name: 'vip', until_ms: 3_600_000 }] } });

    expect(state.ended?.status).toBe('failed');
    expect(state.failure?.problem).toMatchObject({ kind: 'refused', message: 'lock "vip" of step "a" was not free in time' });
    expect(duration_ms).toBe(600_000);
  });

  test('a run that waits for a lock says so', () => {
    const { stuck } = play([act('a')], { plan: { lock: ['pg/${{ inputs.cluster }}'] }, inputs: { cluster: 'main' }, script: { held: [{ name: 'pg/main', until_ms: 1e12 }] } });

    expect(stuck).toEqual({ what: 'lock', step: null, at: null, values: { name: 'pg/main' } });
  });
});

describe('nested runs', () => {
  const nested = (fields = {}) => stepOf('rejoin', { kind: 'runbook', args: { name: 'pg_rejoin', version: '>=2', with: { cluster: '${{ inputs.cluster }}' } } }, { risk: 'change', idempotent: false, timeout_ms: null, ...fields });

  test('a child is started with its inputs, and its out is read', () => {
    const { actions, performs } = play([nested({ out: { at: '${{ result.restore.at }}' } }), look('b', { call: sh('x', { run: ['${{ steps.rejoin.out.at }}'] }) })], { inputs: { cluster: 'main' }, script: { answers: [{ at: 'rejoin', result: { restore: { at: 'x1' } } }] } });

    expect(actions.find(({ action }) => action.type === 'child')!.action).toEqual({ type: 'child', id: 'rejoin#1', run: 'run-1.rejoin', runbook: 'pg_rejoin', version: '>=2', with: { cluster: 'main' }, held: [] });
    expect(performs.at(-1)!.args['run']).toEqual(['x1']);
  });

  test('a nested run does not wait for the locks of the run above it', () => {
    const { actions } = play([nested({ lock: 'b' })], { plan: { lock: ['a'] }, inputs: { cluster: 'main' } });
    const inside = play([act('x', { lock: 'b' })], { plan: { lock: ['a'] }, held: ['a', 'b'] });

    expect(actions.find(({ action }) => action.type === 'child')!.action).toMatchObject({ held: ['a', 'b'] });
    expect(inside.actions.filter(({ action }) => action.type === 'lock')).toEqual([]);
    expect(inside.state.ended?.status).toBe('ok');
  });

  test('its failure is the step\'s; an abort goes down to it', () => {
    const failed = play([nested()], { inputs: { cluster: 'main' }, script: { faults: [{ at: 'rejoin', fault: 'exit' }] } });
    const aborted = play([nested()], { inputs: { cluster: 'main' }, script: { delays: [{ at: 'rejoin', delay_ms: 60_000 }], moves: [moved(5_000, { kind: 'abort' })] } });

    expect(failed.status('rejoin')).toBe('failed');
    expect(aborted.actions.filter(({ action }) => action.type === 'cancel').map(({ action }) => action)).toEqual([{ type: 'cancel', id: 'rejoin#1' }]);
    expect(aborted.state.ended?.status).toBe('aborted');
  });
});

describe('drill', () => {
  const drill = { mode: 'simulate' as const, inject: [{ at: 'a', fault: 'unreachable', delay_ms: null }, { at: 'b', fault: null, delay_ms: 45_000 }], score: [{ expect: 'run.duration < duration("1m")', points: 40 }, { expect: 'run.acked_within < duration("3m")', points: 30 }, { expect: 'run.undo.failed == 0', points: 30 }] };

  test('in simulate a step is skipped, or answers as its drill says', () => {
    const steps = [act('a', { drill: 'skip' }), look('b', { drill: { answer: { stdout: 'x' } }, out: { text: '${{ result.stdout }}' } })];

    expect(play(steps, { mode: 'simulate' }).status('a')).toBe('skipped');
    expect(play(steps, { mode: 'simulate' }).state.steps['b']!.out).toEqual({ text: 'x' });
    expect(play(steps).status('a')).toBe('ok');
  });

  test('its faults are a script, and its score says what was lost and why', () => {
    const played = play([act('a', { on_failure: { when: null, do: 'continue', note: null, open: null } }), look('b')], { plan: { drill }, script: drillScript({ drill }) });
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
  const { performs } = play([look('a'), look('b', { call: sh('x', { run: ['${{ run.acked_within == null ? "none" : string(run.acked_within < duration("3m")) }}', '${{ string(run.duration == duration("1s")) }}'] }) })]);

  expect(performs[1]!.args['run']).toEqual(['none', 'true']);
});

test('people\'s clock beside the run: level 1 at ten minutes unless somebody answers', () => {
  const steps = [ask('agree')];
  const quiet = play(steps, { plan: { severity: 'fatal' }, script: { incident: true } });
  const answered = play(steps, { plan: { severity: 'fatal' }, script: { incident: true, incident_moves: [{ at_ms: 180_000, move: { id: 'a', by: 'ann', reason: '', kind: 'acknowledge' } }] } });

  expect(quiet.pages.map(({ at_ms, page }) => [at_ms, page.to])).toContainEqual([600_000, ['level_1', 'all_hands']]);
  expect(answered.pages.filter(({ page }) => page.to.includes('level_1'))).toEqual([]);
  expect(answered.state.acked_at! - answered.state.started_at).toBe(180_000);
});
