import { act, look, moved, play, question, undoOf } from '../../support/play.ts';
import { once, stepOf } from '../../support/runs.ts';

const plan = { on_failure: [{ do: 'undo' as const }] };
const undo = undoOf();
const undone = (ids: readonly string[]) => ids.filter((id) => id.includes('~'));

test('undo goes backwards over what has run', () => {
  const { ids, state, status } = play([act('a', { undo }), look('r'), act('b', { undo }), act('c', { undo }), act('d')], {
    plan,
    script: { faults: [{ at: 'd', fault: 'exit' }] },
  });

  expect(undone(ids)).toEqual(['c~#1', 'b~#1', 'a~#1']);
  expect(status('a')).toBe('undone');
  expect(state.undone).toEqual({ ok: 3, failed: 0 });
  expect(state.ended?.status).toBe('failed');
});

test.each([
  ['exit: it ran', 'exit', ['b~#1', 'a~#1']],
  ['unknown: it may have run', 'unknown', ['b~#1', 'a~#1']],
  ['unreachable: it did not run', 'unreachable', ['a~#1']],
  ['refused: it did not run', 'refused', ['a~#1']],
] as const)('the failed step itself — %s', (_, fault, expected) => {
  const { ids } = play([act('a', { undo }), act('b', { undo, idempotent: true, done_when: { ...question() } })], {
    plan,
    script: {
      faults: [
        { at: 'b', fault },
        { at: 'b?', fault: 'unreachable' },
      ],
      moves: [moved(600_000, { kind: 'abort' })],
    },
  });
  const aborted = fault === 'unknown';

  // Doubt that nobody can settle asks a person first; an abort undoes nothing.
  expect(undone(ids)).toEqual(aborted ? [] : expected);
});

test('doubt beside a failure counts as run', () => {
  const steps = [act('a', { undo, needs: [], idempotent: true, done_when: question() }), { ...act('b', { idempotent: false }), needs: [] }];
  const { ids } = play([look('first'), ...steps.map((step) => ({ ...step, needs: ['first'] }))], {
    plan,
    script: {
      faults: [
        { at: 'a', fault: 'unknown' },
        { at: 'a?', fault: 'unreachable' },
        { at: 'b', fault: 'exit' },
      ],
      delays: [{ at: 'b', delay_ms: 1_500 }],
    },
  });

  expect(undone(ids)).toEqual(['a~#1']);
});

test('a failed undo is recorded, tried as often as it says, and the rest go on', () => {
  const patient = undoOf({ retry: { ...once, max: 3 } });
  const { ids, state, codes } = play([act('a', { undo }), act('b', { undo: patient }), act('c')], {
    plan,
    script: {
      faults: [
        { at: 'c', fault: 'exit' },
        { at: 'b~', fault: 'exit' },
      ],
    },
  });

  expect(undone(ids)).toEqual(['b~#1', 'b~#2', 'b~#3', 'a~#1']);
  expect(state.undone).toEqual({ ok: 1, failed: 1 });
  expect(codes).toContain('undo.failed b');
});

describe('pivot', () => {
  const steps = (fields = {}) => [
    act('before', { undo }),
    act('pivot', { undo, pivot: true, ...fields }),
    act('after', { undo }),
    act('last'),
  ];

  test('once it has succeeded nothing is undone', () => {
    const { ids, codes } = play(steps(), { plan, script: { faults: [{ at: 'last', fault: 'exit' }] } });

    expect(undone(ids)).toEqual([]);
    expect(codes).toContain('undo.kept pivot');
  });

  test('while it has not, all before it is undone', () => {
    const { ids } = play(steps(), { plan, script: { faults: [{ at: 'pivot', fault: 'unreachable' }] } });

    expect(undone(ids)).toEqual(['before~#1']);
  });

  test('doubt counts as success until done_when denies it', () => {
    const guarded = { idempotent: true, done_when: question() };
    const parallel = (answer: object) =>
      play([act('before', { undo }), act('pivot', { pivot: true, ...guarded, needs: ['before'] }), act('other', { needs: ['before'] })], {
        plan,
        script: {
          faults: [
            { at: 'pivot', fault: 'unknown' },
            { at: 'other', fault: 'exit' },
          ],
          ...answer,
        },
      });

    expect(undone(parallel({ answers: [{ at: 'pivot?', result: { exit: 1 } }] }).ids)).toEqual(['before~#1']);
    expect(undone(parallel({ answers: [{ at: 'pivot?', result: { exit: 0 } }] }).ids)).toEqual([]);
    expect(
      undone(
        play([act('before', { undo }), act('pivot', { pivot: true, needs: ['before'] }), act('other', { needs: ['before'] })], {
          plan,
          script: {
            faults: [
              { at: 'pivot', fault: 'unknown' },
              { at: 'other', fault: 'exit' },
            ],
          },
        }).ids,
      ),
    ).toEqual([]);
  });

  test('a person who takes the pivot over has passed it', () => {
    const { ids } = play([...steps({ idempotent: false })], {
      plan,
      script: {
        faults: [
          { at: 'pivot', fault: 'unknown' },
          { at: 'last', fault: 'exit' },
        ],
        moves: [moved(60_000, { kind: 'take_over', step: 'pivot', out: {} })],
      },
    });

    expect(undone(ids)).toEqual([]);
  });
});

test('a step done by hand is undone like any other', () => {
  const { ids } = play([act('a', { undo }), act('b')], {
    plan,
    script: {
      faults: [
        { at: 'a', fault: 'unknown' },
        { at: 'b', fault: 'exit' },
      ],
      moves: [moved(60_000, { kind: 'take_over', step: 'a', out: { x: 1 } })],
    },
  });

  expect(undone(ids)).toEqual(['a~#1']);
});

test('manual work that was asked for is undone when nobody can say that it was not begun', () => {
  const manual = stepOf(
    'by_hand',
    { kind: 'manual', args: { ask: 'Pull the plug', timeout: '5m' } },
    { timeout_ms: 300_000, undo, risk: 'change' },
  );
  const { ids, state } = play([manual], { plan });

  expect(undone(ids)).toEqual(['by_hand~#1']);
  expect(state.failure?.problem.kind).toBe('timeout');
});

test('finally: undo all also after success', () => {
  const { ids, state } = play([act('a', { undo }), act('b', { undo })], { plan: { finally: [{ do: 'undo' }] } });

  expect(undone(ids)).toEqual(['b~#1', 'a~#1']);
  expect(state.ended?.status).toBe('ok');
});
