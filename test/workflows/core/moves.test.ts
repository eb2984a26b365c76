import { begin, legal, next } from '../../../workflows/core/machine.ts';
import type { Move } from '../../../workflows/core/run.ts';
import { act, ask, look, moved, play } from '../../support/play.ts';
import { inputOf, planOf, stepOf } from '../../support/runs.ts';

const minute = 60_000;

describe('legal says why not', () => {
  const { state } = play([ask('agree'), act('go'), stepOf('by_hand', { kind: 'manual', args: { ask: 'do it' } })]);
  const { state: ended } = play([look('a')]);
  const { state: running } = begin(inputOf('r', planOf([act('a'), act('b')])), 0);
  const move = (wanted: object): Move => ({ id: 'x', by: 'ann', reason: '', ...wanted }) as Move;

  test.each([
    [state, { kind: 'approve', step: 'nowhere' }, 'the runbook has no step "nowhere"; its steps: agree, go, by_hand'],
    [state, { kind: 'approve', step: 'go' }, 'step "go" is of kind ssh, not an approval'],
    [state, { kind: 'skip', step: 'agree' }, 'an approval cannot be passed over: approve or reject "agree"'],
    [state, { kind: 'take_over', step: 'agree', out: {} }, 'an approval cannot be passed over: approve or reject "agree"'],
    [state, { kind: 'confirm', step: 'by_hand' }, 'step "by_hand" has not begun; nothing to confirm'],
    [state, { kind: 'confirm', step: 'go' }, 'step "go" is of kind ssh: nothing to confirm; take_over says that you did it by hand'],
    [
      state,
      { kind: 'retry', step: 'go', args: {} },
      'step "go" has not begun; only a failed step, or one that asks a person, can be retried',
    ],
    [state, { kind: 'resume' }, 'the run is not paused'],
    [state, { kind: 'skip', step: 'go' }, null],
    [state, { kind: 'pause' }, null],
    [state, { kind: 'abort' }, null],
    [ended, { kind: 'abort' }, 'the run has ended (ok)'],
    [running, { kind: 'skip', step: 'a' }, 'step "a" is under way; wait for its outcome, or abort the run'],
    [running, { kind: 'take_over', step: 'b', out: {} }, null],
  ])('%#: %j', (of, wanted, reason) => {
    expect(legal(of, move(wanted))).toBe(reason);
  });

  test('a move that came too late is a line of the timeline and changes nothing else', () => {
    const turn = next(running, { type: 'move', at: 1, move: move({ kind: 'skip', step: 'a' }) });

    expect(turn.actions).toMatchObject([{ type: 'note', note: { code: 'move.refused', by: 'ann', values: { move: 'skip' } } }]);
    expect(turn.state.steps).toEqual(running.steps);
  });

  test('the same move twice happens once', () => {
    const once = next(running, { type: 'move', at: 1, move: move({ kind: 'pause' }) });
    const twice = next(once.state, { type: 'move', at: 2, move: move({ kind: 'pause' }) });

    expect(twice.actions).toEqual([]);
    expect(legal(once.state, move({ kind: 'pause' }))).toBeNull();
  });
});

describe('pause', () => {
  test('what is under way ends, nothing new begins, until resume', () => {
    const { performs, codes } = play([act('a'), act('b')], {
      script: { delays: [{ at: 'a', delay_ms: 10_000 }], moves: [moved(5_000, { kind: 'pause' }), moved(minute, { kind: 'resume' })] },
    });

    expect(performs.map(({ id, at_ms }) => [id, at_ms])).toEqual([
      ['a#1', 0],
      ['b#1', minute],
    ]);
    expect(codes).toContain('step.ok a');
  });

  test('a step that fails while the run is paused can be retried with other arguments, and the run goes on', () => {
    const script = {
      faults: [{ at: 'a', fault: 'exit' as const, times: 1 }],
      moves: [
        moved(500, { kind: 'pause' }),
        moved(minute, { kind: 'retry', step: 'a', args: { run: ['other'] } }),
        moved(2 * minute, { kind: 'resume' }),
      ],
    };
    const { performs, state } = play([act('a'), act('b')], { script, plan: { on_failure: [{ do: 'escalate', to: ['boss'] }] } });

    expect(performs.map(({ id, at_ms, args }) => [id, at_ms, args['run']])).toEqual([
      ['a#1', 0, ['a']],
      ['a#2', 2 * minute, ['other']],
      ['b#1', 2 * minute + 1_000, ['b']],
    ]);
    expect(state.ended?.status).toBe('ok');
  });

  test('resumed without a retry it fails as it would have', () => {
    const script = {
      faults: [{ at: 'a', fault: 'exit' as const }],
      moves: [moved(500, { kind: 'pause' }), moved(minute, { kind: 'resume' })],
    };
    const { performs, state } = play([act('a'), act('b')], { script, plan: { on_failure: [{ do: 'escalate', to: ['boss'] }] } });

    expect(performs.map(({ kind, at_ms }) => [kind, at_ms])).toEqual([
      ['ssh', 0],
      ['notify', minute],
    ]);
    expect(state.ended?.status).toBe('failed');
  });
});

describe('abort', () => {
  test('cancels what is under way, starts nothing more, undoes nothing, and runs finally', () => {
    const call = {
      do: 'call' as const,
      id: 'clean',
      call: { kind: 'ssh', args: { on: 'host', run: ['clean'] } },
      timeout_ms: 60_000,
      retry: { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null },
      expect: null,
    };
    const { ids, actions, state } = play([act('a'), act('b'), act('c')], {
      plan: { on_failure: [{ do: 'undo' }], finally: [call] },
      script: { delays: [{ at: 'b', delay_ms: 30_000 }], moves: [moved(5_000, { kind: 'abort' })] },
    });

    expect(ids).toEqual(['a#1', 'b#1', 'finally[0]#1']);
    expect(actions.filter(({ action }) => action.type === 'cancel').map(({ action }) => action)).toEqual([{ type: 'cancel', id: 'b#1' }]);
    expect(state.ended).toMatchObject({ status: 'aborted', problem: { message: 'ann aborted the run: because' } });
  });

  test('also while undo is under way', () => {
    const undo = {
      call: { kind: 'ssh', args: { on: 'host', run: ['u'] } },
      expect: null,
      retry: { max: 5, delay_ms: 60_000, backoff: 1, until: null, for_ms: null },
      timeout_ms: 60_000,
    };
    const { ids, state } = play([act('a', { undo }), act('b', { undo }), act('c')], {
      plan: { on_failure: [{ do: 'undo' }] },
      script: {
        faults: [
          { at: 'c', fault: 'exit' },
          { at: 'b~', fault: 'exit' },
        ],
        moves: [moved(30_000, { kind: 'abort' })],
      },
    });

    expect(ids.filter((id) => id.includes('~'))).toEqual(['b~#1']);
    expect(state.ended?.status).toBe('aborted');
  });
});

describe('a person does it', () => {
  test('skip passes a waiting retry over, and its out cannot be read', () => {
    const { status, codes } = play([look('a', { retry: { max: 5, delay_ms: minute, backoff: 1, until: null, for_ms: null } }), look('b')], {
      script: { faults: [{ at: 'a', fault: 'exit' }], moves: [moved(10_000, { kind: 'skip', step: 'a' })] },
    });

    expect([status('a'), status('b')]).toEqual(['skipped', 'ok']);
    expect(codes).toContain('move.skip a');
  });

  test('take over gives the out that later steps read', () => {
    const { performs } = play([act('a'), look('b', { call: { kind: 'ssh', args: { on: 'host', run: ['${{ steps.a.out.id }}'] } } })], {
      script: { faults: [{ at: 'a', fault: 'unknown' }], moves: [moved(minute, { kind: 'take_over', step: 'a', out: { id: 7 } })] },
    });

    expect(performs.at(-1)!.args['run']).toEqual([7]);
  });

  test('manual waits for the one who confirms', () => {
    const { state, duration_ms } = play(
      [stepOf('by_hand', { kind: 'manual', args: { ask: 'Pull the plug' } }, { timeout_ms: null }), look('b')],
      { script: { moves: [moved(minute, { kind: 'confirm', step: 'by_hand' })] } },
    );

    expect(state.steps['by_hand']).toMatchObject({ status: 'ok', out: { by: 'ann' } });
    expect(duration_ms).toBe(minute + 1_000);
  });

  test('who decides in doubt is told, and retry begins a new count of tries', () => {
    const { performs, status } = play([act('a')], {
      script: { faults: [{ at: 'a', fault: 'unknown', times: 1 }], moves: [moved(minute, { kind: 'retry', step: 'a', args: {} })] },
    });

    expect(performs.map(({ id }) => id)).toEqual(['a#1', 'a!1#1', 'a#2']);
    expect(performs[1]!.args).toMatchObject({ to: ['tests'], template: 'step_asking' });
    expect(status('a')).toBe('ok');
  });
});
