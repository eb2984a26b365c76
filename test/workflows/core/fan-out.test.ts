import type { Step } from '../../../workflows/core/plan.ts';
import { act, look, moved, play, question, sh, undoOf } from '../../support/play.ts';
import { nodeOf, once } from '../../support/runs.ts';

const web = Array.from({ length: 10 }, (_, index) => nodeOf(`web${index}`));
const onWeb = (fields: Partial<Step> = {}) =>
  act('restart', { each: { target: 'web' }, call: { kind: 'ssh', args: { on: 'web', run: ['restart'] } }, ...fields });
const options = { targets: { web }, plan: { targets: { web: { where: 'true', exactly: null, at_least: 1, pick: null } } } };
const nodesOf = (played: ReturnType<typeof play>) =>
  played.performs.filter(({ role }) => role === 'do').map(({ units }) => units.map(({ node }) => node!.slice(3)).join(''));

test.each([
  ['all at once in one perform', {}, ['0123456789']],
  ['batch by count', { batch: { count: 4 } }, ['0123', '4567', '89']],
  ['batch by share, rounded up', { batch: { percent: 25 } }, ['012', '345', '678', '9']],
  ['a kind that takes three at once', { chunk: 3 }, ['012', '345', '678', '9']],
  [
    'destructive: one node per perform',
    { risk: 'destructive' as const, batch: { count: 2 } },
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  ],
])('%s', (_, fields, performs) => {
  const played = play([onWeb(fields)], options);

  expect(nodesOf(played)).toEqual(performs);
  expect(played.status('restart')).toBe('ok');
});

test('what is the same for all is said once; only what differs stands with the unit', () => {
  const { performs } = play(
    [onWeb({ call: { kind: 'ssh', args: { on: 'web', run: ['echo', '${{ node.name }}'], env: { SITE: '${{ inputs.site }}' } } } })],
    { ...options, inputs: { site: 'x' } },
  );

  expect(performs[0]!.args).toEqual({ on: 'web', env: { SITE: 'x' } });
  expect(performs[0]!.units[1]).toEqual({ node: 'web1', key: 'run-1/restart[web1]#1', args: { run: ['echo', 'web1'] } });
});

test.each([
  ['none allowed', { count: 0 }, 1, 'failed', ['01']],
  ['one allowed, one fails', { count: 1 }, 1, 'ok', ['01', '23', '45', '67', '89']],
  ['10 % of ten is one', { percent: 10 }, 2, 'failed', ['01']],
  ['11 % of ten is two', { percent: 11 }, 2, 'ok', ['01', '23', '45', '67', '89']],
] as const)('failures tolerated: %s', (_, max_failures, broken, status, performs) => {
  const faults = web.slice(0, broken).map(({ name }) => ({ at: 'restart', node: name, fault: 'exit' as const }));
  const played = play([onWeb({ batch: { count: 2 }, max_failures })], { ...options, script: { faults } });

  expect(played.status('restart')).toBe(status);
  expect(nodesOf(played)).toEqual(performs);
});

test('a failure names the nodes, and out is kept by node', () => {
  const { state } = play([onWeb({ max_failures: { count: 0 }, out: { n: '${{ result.exit }}' } })], {
    ...options,
    script: { faults: [{ at: 'restart', node: 'web3', fault: 'unreachable' }] },
  });

  expect(state.failure?.problem.message).toBe('failed on 1 of 10 (web3): the host cannot be reached');
  expect(Object.keys(state.steps['restart']!.out!)).toHaveLength(9);
});

test('only the nodes that failed are tried again', () => {
  const step = onWeb({ retry: { ...once, max: 2 }, idempotent: true, max_failures: { count: 10 } });
  const played = play([step], {
    ...options,
    script: {
      faults: [
        { at: 'restart', node: 'web2', fault: 'exit', times: 1 },
        { at: 'restart', node: 'web7', fault: 'exit' },
      ],
    },
  });

  expect(nodesOf(played)).toEqual(['0123456789', '27']);
  expect(played.ids).toEqual(['restart[1]#1', 'restart[2]#2']);
  expect(played.notes.filter(({ code }) => code === 'unit.failed').map(({ node }) => node)).toEqual(['web7']);
});

test('on_failure.when must hold on every failed node', () => {
  const on_failure = { when: 'error.kind == "unreachable"', do: 'continue' as const, note: null, open: null };
  const one = [{ at: 'restart', node: 'web1', fault: 'unreachable' as const }];

  expect(play([onWeb({ on_failure })], { ...options, script: { faults: one } }).status('restart')).toBe('continued');
  expect(
    play([onWeb({ on_failure })], { ...options, script: { faults: [...one, { at: 'restart', node: 'web2', fault: 'exit' }] } }).status(
      'restart',
    ),
  ).toBe('failed');
});

test('doubt on some nodes is put to done_when for those alone', () => {
  const done_when = { ...question(), call: { kind: 'ssh', args: { on: 'web', run: ['is-active'] } } };
  const played = play([onWeb({ done_when, idempotent: true })], {
    ...options,
    script: {
      faults: ['web1', 'web5'].map((node) => ({ at: 'restart', node, fault: 'unknown' as const })),
      answers: [{ at: 'restart?', result: { exit: 0 } }],
    },
  });

  expect(played.performs[1]!.units.map(({ node }) => node)).toEqual(['web1', 'web5']);
  expect(played.status('restart')).toBe('ok');
});

test('a list: items as text, keys by place, and the same item twice is two units', () => {
  const step = look('each', { each: { list: '["a", "b", "a"]' }, call: sh('x', { run: ['echo', '${{ item }}'] }) });
  const { performs } = play([step]);

  expect(performs[0]!.units.map(({ key }) => key)).toEqual(['run-1/each[0]#1', 'run-1/each[1]#1', 'run-1/each[2]#1']);
  expect(performs[0]!.units.map(({ args }) => args)).toEqual([{ run: ['echo', 'a'] }, { run: ['echo', 'b'] }, { run: ['echo', 'a'] }]);
});

test('an empty list is done at once', () => {
  const { status, ids } = play([look('each', { each: { list: '[]' } }), look('next')]);

  expect([status('each'), ids]).toEqual(['ok', ['next#1']]);
});

test('a thousand nodes: twenty performs, at most sixty under way', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => nodeOf(`n${index}`));
  const played = play([onWeb()], { ...options, targets: { web: many } });
  const destructive = play([onWeb({ risk: 'destructive' })], { ...options, targets: { web: many } });

  expect(played.ids).toHaveLength(20);
  expect(destructive.ids).toHaveLength(1_000);
  expect(destructive.performs.filter(({ at_ms }) => at_ms === 0)).toHaveLength(60);
});

test('undo of a fan-out goes to the nodes that may have run, and only there', () => {
  const undo = undoOf({ call: { kind: 'ssh', args: { on: 'web', run: ['undo'] } } });
  const played = play([onWeb({ batch: { count: 3 }, undo })], {
    ...options,
    plan: { ...options.plan, on_failure: [{ do: 'undo' }] },
    script: {
      faults: [
        { at: 'restart', node: 'web1', fault: 'unreachable' },
        { at: 'restart', node: 'web2', fault: 'exit' },
      ],
    },
  });

  expect(played.performs.filter(({ role }) => role === 'undo').map(({ units }) => units.map(({ node }) => node))).toEqual([
    ['web0', 'web2'],
  ]);
  expect(played.status('restart')).toBe('undone');
});

test('abort stops a fan-out: no node that has not begun is touched', () => {
  const played = play([onWeb({ batch: { count: 2 } })], {
    ...options,
    script: { delays: [{ at: 'restart', delay_ms: 30_000 }], moves: [moved(35_000, { kind: 'abort' })] },
  });

  expect(nodesOf(played)).toEqual(['01', '23']);
  expect(played.state.ended?.status).toBe('aborted');
});
