import { legal } from '../../../workflows/core/machine.ts';
import type { Move } from '../../../workflows/core/run.ts';
import { act, ask, moved, play } from '../../support/play.ts';

const minute = 60_000;

describe('approval', () => {
  const steps = (args = {}) => [ask('agree', args), act('go')];
  const approve = (at_ms: number, by: string) => moved(at_ms, { kind: 'approve', step: 'agree' }, by);
  const reject = (at_ms: number, by: string) => moved(at_ms, { kind: 'reject', step: 'agree' }, by);

  test.each([
    ['one of one', {}, [approve(5_000, 'ann')], 'ok', 'ok'],
    ['quorum of two wants two', { by: { quorum: 2 } }, [approve(5_000, 'ann')], 'waiting', 'pending'],
    [
      'quorum of two wants two different people',
      { by: { quorum: 2 } },
      [approve(5_000, 'ann'), approve(6_000, 'ann')],
      'waiting',
      'pending',
    ],
    ['quorum of two', { by: { quorum: 2 } }, [approve(5_000, 'ann'), approve(6_000, 'bob')], 'ok', 'ok'],
    ['whoever started it may not approve', {}, [approve(5_000, 'ops')], 'waiting', 'pending'],
    ['unless that is allowed', { by: { not_requester: false } }, [approve(5_000, 'ops')], 'ok', 'ok'],
    ['one no is a no', { by: { quorum: 2 } }, [approve(5_000, 'ann'), reject(6_000, 'bob')], 'failed', 'pending'],
    ['in time', { timeout: '5m', on_timeout: 'reject' }, [approve(4 * minute, 'ann')], 'ok', 'ok'],
    ['too late is refused', { timeout: '5m', on_timeout: 'reject' }, [approve(6 * minute, 'ann')], 'failed', 'pending'],
    ['time out approves where so declared', { timeout: '5m', on_timeout: 'approve' }, [], 'ok', 'ok'],
    ['time out escalates and goes on asking', { timeout: '5m' }, [approve(20 * minute, 'ann')], 'ok', 'ok'],
  ])('%s', (_, args, moves, status, after) => {
    const played = play(steps(args), { script: { moves } });

    expect([played.status('agree'), played.status('go')]).toEqual([status, after]);
  });

  test('people are told when asked, and the line of the severity when nobody answers', () => {
    const escalation = {
      fatal: [],
      severe: [],
      general: [
        { after_ms: 1, to: ['lead'], then: null },
        { after_ms: 2, to: ['boss'], then: null },
      ],
    };
    const { performs, codes } = play(steps({ timeout: '5m' }), { plan: { escalation } });

    expect(performs.map(({ at_ms, args }) => [at_ms, args['to'], args['template']])).toEqual([
      [0, ['commander'], 'approval_asked'],
      [5 * minute, ['lead'], 'approval_escalated'],
      [10 * minute, ['boss'], 'approval_escalated'],
    ]);
    expect(codes.filter((code) => code.startsWith('approval.timed_out'))).toHaveLength(2);
  });

  test('roles are checked when the way in says them, and delegates count', () => {
    const { state } = play([ask('agree', { by: { role: 'commander', delegates: ['deputy'] } })]);
    const vote = (by: string, roles: readonly string[]): Move => ({ id: 'x', by, reason: '', kind: 'approve', step: 'agree', roles });

    expect(legal(state, vote('ann', ['dba']))).toBe('ann does not hold the role commander');
    expect(legal(state, vote('ann', ['commander']))).toBeNull();
    expect(legal(state, vote('deputy', []))).toBeNull();
    expect(legal(state, vote('bob', ['deputy']))).toBeNull();
  });
});

describe('hold', () => {
  test.each([
    ['nothing happens before the start is approved', [], 'held', []],
    ['approved', [moved(5_000, { kind: 'approve', step: 'start' })], 'ended', ['a#1']],
    [
      'approved by the one who asked: a guard is not four eyes',
      [moved(5_000, { kind: 'approve', step: 'start' }, 'ops')],
      'ended',
      ['a#1'],
    ],
    ['rejected', [moved(5_000, { kind: 'reject', step: 'start' })], 'ended', []],
    ['aborted', [moved(5_000, { kind: 'abort' })], 'ended', []],
  ] as const)('%s', (_, moves, phase, ids) => {
    const played = play([act('a')], { hold: 'two runs an hour are enough', script: { moves }, plan: { lock: ['x'] } });

    expect([played.state.phase, played.ids]).toEqual([phase, ids]);
    expect(played.performs[0]).toMatchObject({ kind: 'notify', args: { to: ['tests'], template: 'approval_asked' } });
    if (phase === 'held')
      expect(played.stuck).toMatchObject({ what: 'approval', step: 'start', values: { ask: 'two runs an hour are enough' } });
    if (ids.length === 0 && phase === 'ended') expect(played.actions.filter(({ action }) => action.type === 'lock')).toEqual([]);
  });
});
