import { decide, type Facts } from '../../../worker/dispatcher/decide.ts';

const minute = 60_000;
const now = 1_000_000_000;
const open = { id: 'inc-1', opened_at: now - 5 * minute, run_over: false };
function facts(change: Partial<Facts> & { then?: 'join' | 'skip' | 'wait' | 'queue'; max?: number; over?: 'approve' | 'skip' }): Facts {
  const { then, max, over, ...rest } = change;
  const trigger = {
    for_ms: 0,
    converge: then === undefined ? null : { key: 'k', within_ms: 10 * minute, then },
    guard: max === undefined ? null : { max_runs: max, per_ms: 60 * minute, then: over ?? ('approve' as const) },
  };
  return { now, firing_since: now, runbook: 'demo', trigger, open: null, recent_runs: 0, ...rest };
}

// What comes in -> what becomes of it, one line each.
const table: readonly [string, Facts, object][] = [
  ['nothing open: opens', facts({}), { do: 'open', release: null, hold: null }],
  [
    'must fire for a minute: held until then',
    { ...facts({}), trigger: { for_ms: minute, converge: null, guard: null } },
    { do: 'hold', due_at: now + minute },
  ],
  [
    'has fired for a minute: opens',
    { ...facts({ firing_since: now - minute }), trigger: { for_ms: minute, converge: null, guard: null } },
    { do: 'open' },
  ],
  ['open, without converge: joins', facts({ open }), { do: 'join', incident: 'inc-1' }],
  ['open within: joins', facts({ open, then: 'join' }), { do: 'join', incident: 'inc-1' }],
  [
    'open, but older than within: a new one takes the key',
    facts({ open: { ...open, opened_at: now - 11 * minute }, then: 'join' }),
    { do: 'open', release: 'inc-1' },
  ],
  ['skip: is skipped and says why', facts({ open, then: 'skip' }), { do: 'skip', incident: 'inc-1', reason: 'inc-1 of its key is open' }],
  ['wait: looks again', facts({ open, then: 'wait' }), { do: 'hold', reason: 'waits until inc-1 is over' }],
  ['queue: is queued', facts({ open, then: 'queue' }), { do: 'hold', reason: 'queued behind inc-1' }],
  ['queue, the run before is over: opens', facts({ open: { ...open, run_over: true }, then: 'queue' }), { do: 'open', release: 'inc-1' }],
  ['guard not reached', facts({ max: 2, recent_runs: 1 }), { do: 'open', hold: null }],
  [
    'guard reached: a person must agree',
    facts({ max: 2, recent_runs: 2 }),
    { do: 'open', hold: 'guard: alarms started demo 2 times within 1h, at most 2 are allowed' },
  ],
  ['guard reached, skip: is skipped', facts({ max: 2, recent_runs: 2, over: 'skip' }), { do: 'skip', incident: null }],
  ['guard does not stop a join', facts({ max: 1, recent_runs: 5, open, then: 'join' }), { do: 'join' }],
];

test.each(table)('%s', (_name, given, wanted) => {
  expect(decide(given)).toMatchObject(wanted);
});
