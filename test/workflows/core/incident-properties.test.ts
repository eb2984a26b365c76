import fc from 'fast-check';
import { defaultTiers, legalIncident } from '../../../workflows/core/incident.ts';
import type { IncidentMove } from '../../../workflows/core/people.ts';
import { severities } from '../../../workflows/domain/words.ts';
import { alarm, drive, input, minute, moveOf, opened, type Driver } from './incident/drive.ts';

const step = fc.record({
  after: fc.double({ min: 0, max: 12, noNaN: true }),
  act: fc.oneof(
    fc.constant({ kind: 'acknowledge' }),
    fc.constant({ kind: 'note', text: 'x' }),
    fc.record({ kind: fc.constant('hand_over'), to: fc.constantFrom('Ana', 'Bo') }),
    fc.record({ kind: fc.constant('severity'), severity: fc.constantFrom(...severities) }),
    fc.record({ alarm: fc.constantFrom('disk', 'raid', 'net'), status: fc.constantFrom('firing', 'resolved') }),
    fc.record({ run: fc.constant('inc-7.1'), status: fc.constantFrom('ok', 'failed', 'aborted') }),
    fc.record({ kind: fc.constant('resolve'), reason: fc.constant('done') }),
  ),
});

const story = fc.record({
  severity: fc.constantFrom(...severities),
  late: fc.integer({ min: 0, max: 50 }),
  dead: fc.boolean(),
  steps: fc.array(step, { maxLength: 12 }),
});

function play(told: {
  severity: (typeof severities)[number];
  late: number;
  dead: boolean;
  steps: readonly { after: number; act: Record<string, unknown> }[];
}): Driver {
  const run = drive(input({ severity: told.severity, alarms: [alarm('disk', { severity: told.severity })] }), {
    begin_ms: told.late * minute,
    dead: (page) => told.dead && page.endsWith('first'),
  });
  let now = told.late;
  told.steps.forEach(({ after, act }, index) => {
    now += Math.round(after * minute) / minute;
    run.until(now);
    if (typeof act['alarm'] === 'string')
      run.at(now, {
        type: 'alarm',
        alarm: alarm(act['alarm'], { status: act['status'] as 'firing', starts_at: opened + index, severity: told.severity }),
      });
    else if (typeof act['run'] === 'string') run.at(now, { type: 'run', ...act });
    else {
      const made = moveOf(act as { kind: IncidentMove['kind'] });
      if (legalIncident(run.state, made) === null) run.at(now, { type: 'move', move: made });
    }
  });
  return run.until(now + 240);
}

const isTier = (id: string) => id.includes('/tier-');

test('no tier comes early unless pulled forward, none twice, none after somebody answered, whatever happens', () => {
  fc.assert(
    fc.property(story, (told) => {
      const run = play(told);
      const keys = run.state.fired;
      expect(new Set(keys).size).toBe(keys.length);
      let answered = false;
      for (const { at_ms, action } of run.seen) {
        if (action.type === 'note' && (action.note.code === 'incident.acknowledged' || action.note.code === 'incident.resolved'))
          answered = true;
        if (action.type !== 'page' || !isTier(action.page.id)) continue;
        expect(answered).toBe(false);
        const due = defaultTiers[action.page.severity][0]?.after_ms ?? 0;
        if (action.page.template === 'incident_tier') expect(at_ms).toBeGreaterThanOrEqual(due);
      }
    }),
    { numRuns: 400 },
  );
});

test('an incident that nobody answers and that does not recover always climbs its whole ladder', () => {
  fc.assert(
    fc.property(fc.constantFrom(...severities), fc.integer({ min: 0, max: 90 }), (severity, late) => {
      const run = play({ severity, late, dead: false, steps: [] });
      const due = (defaultTiers[severity][0]?.after_ms ?? 0) / minute;
      expect(run.paged()[1]).toBe(`${Math.max(late, due)}: ${defaultTiers[severity][0]?.to.join(',') ?? ''}`);
    }),
    { numRuns: 100 },
  );
});

test('it resolves by itself only when every alarm is gone and every run ended well', () => {
  fc.assert(
    fc.property(story, (told) => {
      const { state, seen } = play(told);
      if (state.resolved?.by !== 'tocsin') return;
      expect(state.alarms.every((each) => !each.firing)).toBe(true);
      expect(Object.values(state.runs)).toEqual(['ok']);
      expect(seen.filter(({ action }) => action.type === 'end')).toHaveLength(1);
    }),
    { numRuns: 400 },
  );
});

test('after the end nothing is awaited and nothing is done but noting the last pages', () => {
  fc.assert(
    fc.property(story, (told) => {
      const { state, seen } = play({ ...told, steps: [...told.steps, { after: 1, act: { kind: 'resolve', reason: 'done' } }] });
      expect(state.resolved).not.toBeNull();
      expect(state.timers).toEqual({});
      const end = seen.findIndex(({ action }) => action.type === 'end');
      expect(seen.slice(end + 1).filter(({ action }) => action.type !== 'note')).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
