import { forecast } from '../../../workflows/core/simulate/index.ts';
import { act, ask, look, undoOf } from '../../support/play.ts';
import { nodeOf, once, planOf, stepOf } from '../../support/runs.ts';

const web = ['w1', 'w2', 'w3', 'w4', 'w5'].map(nodeOf);
const onWeb = { kind: 'ssh', args: { on: 'web', run: ['x'] } };
const steps = [
  look('lag', { timeout_ms: 10_000 }),
  act('restart', {
    each: { target: 'web' },
    call: onWeb,
    batch: { percent: 40 },
    retry: { ...once, max: 3, delay_ms: 5_000, backoff: 2 },
    undo: undoOf(),
  }),
  stepOf('rest', { kind: 'wait', args: { for: '5m' } }, { timeout_ms: null }),
];

test('forecast shows what each step will touch, in how many waves, and when at the earliest and the latest', () => {
  const { steps: shown, best_ms, worst_ms } = forecast(planOf(steps), { targets: { web, host: [nodeOf('host1')] } });

  expect(shown.map(({ id, nodes, waves, begins_ms, ends_ms, undo }) => [id, nodes.length, waves, begins_ms, ends_ms, undo])).toEqual([
    ['lag', 1, 1, 0, 10_000, false],
    ['restart', 5, 3, 1_000, 10_000 + 3 * (3 * 60_000 + 5_000 + 10_000), true],
    ['rest', 0, 1, 4_000, 10_000 + 3 * 195_000 + 300_000, false],
  ]);
  expect([best_ms, worst_ms]).toEqual([304_000, 895_000]);
});

test('a person without a time limit makes the latest end unknown, from there on', () => {
  const { steps: shown, worst_ms } = forecast(planOf([look('a'), ask('agree'), look('b')]), { targets: {} });

  expect(shown.map(({ ends_ms, asks }) => [ends_ms, asks])).toEqual([
    [60_000, false],
    [null, true],
    [null, false],
  ]);
  expect(worst_ms).toBeNull();
});
