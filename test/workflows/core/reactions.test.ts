import { simulateTogether } from '../../../workflows/core/simulate/index.ts';
import { act, look, play } from '../../support/play.ts';
import { inputOf, nodeOf, once, planOf } from '../../support/runs.ts';

const begins = (played: ReturnType<typeof play>) => Object.fromEntries(played.performs.map(({ step, at_ms }) => [step, at_ms]));

describe('reactions', () => {
  const call = (id: string) => ({
    do: 'call' as const,
    id,
    call: { kind: 'notify', args: { to: ['dba'], template: 'failed', with: { why: '${{ error.message }}' } } },
    timeout_ms: 60_000,
    retry: once,
    expect: null,
  });

  test('on_failure in order, then finally, then the end', () => {
    const { performs, state } = play([act('a')], {
      plan: {
        on_failure: [{ do: 'undo' }, { do: 'escalate', to: ['level_1'] }],
        finally: [{ ...call('report'), call: { kind: 'report', args: { template: 'summary' } } }],
      },
      script: { faults: [{ at: 'a', fault: 'exit' }] },
    });

    expect(performs.map(({ id, kind, role }) => [id, kind, role])).toEqual([
      ['a#1', 'ssh', 'do'],
      ['on_failure[1]#1', 'notify', 'react'],
      ['finally[0]#1', 'report', 'react'],
    ]);
    expect(performs[1]!.args).toMatchObject({ to: ['level_1'], template: 'escalated', severity: 'general' });
    expect(state.ended?.status).toBe('failed');
  });

  test('a reaction reads the error', () => {
    const { performs } = play([act('a')], {
      plan: { on_failure: [call('tell')] },
      script: { faults: [{ at: 'a', fault: 'unreachable' }] },
    });

    expect(performs.at(-1)!.args['with']).toEqual({ why: 'the host cannot be reached' });
  });

  test('a check and a reaction go to every node of the target they name', () => {
    const targets = { web: [nodeOf('w1'), nodeOf('w2')], host: [nodeOf('host1')] };
    const on = (place: string) => ({ kind: 'ssh', args: { on: place, run: ['x'] } });
    const before = [{ call: on('web'), expect: null, message: null, then: 'stop' as const, after: [] }];
    const { performs } = play([act('a')], {
      targets,
      plan: {
        targets: { web: { where: 'true', exactly: null, at_least: 1, pick: null } },
        checks: { before, after: [] },
        finally: [{ ...call('clean'), call: on('host') }],
      },
    });

    expect(performs.map(({ id, units }) => [id, units.map(({ node, key }) => `${node} ${key}`)])).toEqual([
      ['checks.before[0]#1', ['w1 run-1/checks.before[0][w1]#1', 'w2 run-1/checks.before[0][w2]#1']],
      ['a#1', ['host1 run-1/a#1']],
      ['finally[0]#1', ['host1 run-1/finally[0]#1']],
    ]);
  });

  test('a failed reaction is a line, and the rest go on', () => {
    const { codes, performs } = play([look('a')], {
      plan: { finally: [call('one'), { ...call('two'), call: { kind: 'record', args: {} } }] },
      script: { faults: [{ at: 'finally[0]', fault: 'exit' }] },
    });

    expect(performs.map(({ id }) => id)).toEqual(['a#1', 'finally[1]#1']);
    expect(codes).toContain('reaction.failed');
  });
});

describe('locks', () => {
  const run = (id: string, lock: readonly string[], steps = [act('a')]) => ({
    input: inputOf(id, planOf(steps, { lock })),
    script: { incident: false },
  });
  const span = (found: ReturnType<typeof simulateTogether>[number]) => {
    const performs = found.actions.filter(({ action }) => action.type === 'perform');
    return [performs[0]!.at_ms, found.duration_ms];
  };

  test('two runs with one lock go one after the other; crossed orders do not block', () => {
    const [one, two] = simulateTogether([run('r1', ['b', 'a']), run('r2', ['a', 'b'])]);

    expect([span(one!), span(two!)]).toEqual([
      [0, 1_000],
      [1_000, 2_000],
    ]);
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
    const { stuck } = play([act('a')], {
      plan: { lock: ['pg/${{ inputs.cluster }}'] },
      inputs: { cluster: 'main' },
      script: { held: [{ name: 'pg/main', until_ms: 1e12 }] },
    });

    expect(stuck).toEqual({ what: 'lock', step: null, at: null, values: { name: 'pg/main' } });
  });
});
