import fc from 'fast-check';
import type { Plan, Step, Undo } from '../../workflows/core/plan.ts';
import type { Move, RunInput } from '../../workflows/core/run.ts';
import { faults, type Script, type ScriptedFault } from '../../workflows/core/simulate/index.ts';
import { inputOf, nodeOf, planOf, stepOf } from './runs.ts';

/** Plans, faults and moves of people, made up at random; every one of them has to end. */

const hour = 3_600_000;
const nodes = ['n0', 'n1', 'n2', 'n3', 'n4'].map(nodeOf);
const ssh = (on: string, word: string) => ({ kind: 'ssh', args: { on, run: [word] } });

const retry = fc.record({
  max: fc.integer({ min: 1, max: 3 }),
  delay_ms: fc.constantFrom(500, 5_000),
  backoff: fc.constantFrom(1, 2),
  until: fc.constantFrom(null, null, null, 'result.exit == 0'),
  for_ms: fc.constantFrom(null, null, 20_000),
});

const undo: fc.Arbitrary<Undo | null> = fc.option(
  fc.record({ call: fc.constant(ssh('all', 'undo')), expect: fc.constant(null), retry, timeout_ms: fc.constant(60_000) }),
);

const traits = fc.record({
  kind: fc.constantFrom('ssh', 'ssh', 'ssh', 'ssh', 'approve', 'manual', 'wait', 'set', 'runbook'),
  place: fc.constantFrom('one', 'one', 'all', 'list'),
  needs: fc.integer({ min: 0, max: 255 }),
  chained: fc.boolean(),
  when: fc.constantFrom(null, null, null, 'true', 'false', 'inputs.missing'),
  batch: fc.constantFrom(null, { count: 1 }, { count: 2 }, { percent: 40 }),
  max_failures: fc.constantFrom({ count: 0 }, { count: 1 }, { percent: 40 }),
  risk: fc.constantFrom('read', 'change', 'destructive') as fc.Arbitrary<Step['risk']>,
  idempotent: fc.boolean(),
  lock: fc.constantFrom(null, null, 'l1', 'l2'),
  chunk: fc.constantFrom(1, 2, 50),
  retry,
  done_when: fc.constantFrom(null, { call: ssh('all', 'ask'), expect: null }, { call: ssh('one', 'ask'), expect: 'result.exit == 0' }),
  undo,
  on_failure: fc.constantFrom(
    null,
    null,
    { when: null, do: 'continue' as const, note: null, open: null },
    { when: 'error.kind == "exit"', do: 'continue' as const, note: null, open: null },
  ),
  on_timeout: fc.constantFrom('escalate', 'approve', 'reject'),
});
type Traits = typeof traits extends fc.Arbitrary<infer T> ? T : never;

function callOf({ kind, place, on_timeout }: Traits): Step['call'] {
  if (kind === 'approve') return { kind, args: { ask: 'go?', by: { role: 'r', quorum: 2 }, timeout: '10m', on_timeout } };
  if (kind === 'manual') return { kind, args: { ask: 'do it' } };
  if (kind === 'wait') return { kind, args: { for: '30s' } };
  if (kind === 'set') return { kind, args: { x: 1 } };
  if (kind === 'runbook') return { kind, args: { name: 'other', with: {} } };
  return ssh(place === 'all' ? 'all' : 'one', 'do');
}

function makeStep(given: Traits, index: number, pivot: number): Step {
  const id = `s${index}`;
  const { needs, chained, kind, place, risk, idempotent, undo: own, ...rest } = given;
  const above = Array.from({ length: index }, (_, at) => `s${at}`);
  const { on_timeout: _, ...fields } = rest;
  const isOwn = kind !== 'ssh';
  return stepOf(id, callOf(given), {
    ...fields,
    needs: chained ? above : above.filter((_step, at) => (needs >> at) & 1),
    each: kind === 'ssh' && place === 'list' ? { list: '["a", "b", "c"]' } : kind === 'ssh' && place === 'all' ? { target: 'all' } : null,
    risk: isOwn ? 'change' : risk,
    idempotent: risk === 'read' || idempotent || given.done_when !== null,
    timeout_ms: isOwn ? null : 60_000,
    undo: kind === 'ssh' || kind === 'manual' ? own : null,
    done_when: kind === 'ssh' ? given.done_when : null,
    pivot: index === pivot,
  });
}

const reaction = {
  do: 'call' as const,
  id: 'tell',
  call: { kind: 'notify', args: { to: ['ops'] } },
  timeout_ms: 60_000,
  retry: { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null },
  expect: null,
};

export const plans: fc.Arbitrary<Plan> = fc
  .record({
    steps: fc.array(traits, { minLength: 1, maxLength: 7 }),
    pivot: fc.integer({ min: -4, max: 6 }),
    lock: fc.subarray(['l1', 'l2', 'l3']),
    check: fc.constantFrom(null, 'note', 'stop') as fc.Arbitrary<'note' | 'stop' | null>,
  })
  .map(({ steps, pivot, lock, check }) => ({
    ...planOf([], {
      lock,
      targets: {
        all: { where: 'true', exactly: null, at_least: 1, pick: null },
        one: { where: 'true', exactly: 1, at_least: 1, pick: null },
      },
      checks: {
        before: check === null ? [] : [{ call: ssh('one', 'check'), expect: null, message: null, then: check, after: ['s0'] }],
        after: [],
      },
      on_failure: [{ do: 'undo' }, { do: 'escalate', to: ['boss'] }],
      finally: [reaction],
    }),
    steps: steps.map((given, index) => makeStep(given, index, pivot)),
  }));

const fault: fc.Arbitrary<ScriptedFault> = fc.record(
  {
    at: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.constantFrom('', '', '?', '~')).map(([index, mark]) => `s${index}${mark}`),
    fault: fc.constantFrom(...faults),
    times: fc.integer({ min: 1, max: 3 }),
    node: fc.constantFrom('n0', 'n1', 'n2'),
  },
  { requiredKeys: ['at', 'fault'] },
);

const moveKinds = ['pause', 'resume', 'abort', 'skip', 'take_over', 'retry', 'approve', 'reject', 'confirm'] as const;
const made = fc.record({
  at_ms: fc.integer({ min: 0, max: 120_000 }),
  kind: fc.constantFrom(...moveKinds),
  step: fc.integer({ min: 0, max: 6 }),
  by: fc.constantFrom('ann', 'bob', 'ops'),
});

function moveOf({ kind, step, by }: { kind: (typeof moveKinds)[number]; step: number; by: string }, id: string): Move {
  return { id, by, reason: 'test', kind, step: `s${step}`, out: {}, args: {} } as unknown as Move;
}

/** Somebody comes back later and settles whatever waits, so that no run may hang for want of people. */
function tidyUp({ steps }: Plan): NonNullable<Script['moves']> {
  const found: { at_ms: number; move: Move }[] = [];
  for (let round = 0; round < steps.length + 2; round++) {
    const at = (20 + round) * hour;
    const add = (wanted: object, by: string) =>
      found.push({ at_ms: at, move: { id: `tidy${found.length}`, by, reason: 'tidy', ...wanted } as Move });
    add({ kind: 'resume' }, 'ann');
    for (const { id, call } of steps) {
      if (call.kind === 'approve') ['ann', 'bob'].forEach((by) => add({ kind: 'approve', step: id }, by));
      else if (call.kind === 'manual') add({ kind: 'confirm', step: id }, 'ann');
      else add({ kind: 'skip', step: id }, 'ann');
    }
  }
  return found;
}

export interface Case {
  readonly input: RunInput;
  readonly script: Script;
  readonly seed: number;
}

export const cases: fc.Arbitrary<Case> = fc
  .record({
    plan: plans,
    faults: fc.array(fault, { maxLength: 6 }),
    moves: fc.array(made, { maxLength: 5 }),
    chance: fc.constantFrom(0, 0, 0.1, 0.4),
    seed: fc.nat(),
    slow: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
  })
  .map(({ plan, faults: broken, moves, chance, seed, slow }) => ({
    input: inputOf('r', plan, { targets: { all: nodes, one: [nodes[0]!] }, hold: null }),
    script: {
      incident: false,
      faults: broken,
      chance,
      delays: slow.map((step) => ({ at: `s${step}`, delay_ms: 40_000 })),
      moves: [...moves.map((each, index) => ({ at_ms: each.at_ms, move: moveOf(each, `m${index}`) })), ...tidyUp(plan)],
    },
    seed,
  }));
