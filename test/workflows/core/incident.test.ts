import { defaultTiers, legalIncident, nextIncident, upcomingIncident } from '../../../workflows/core/incident.ts';
import { alarm, drive, input, minute, moveOf, opened } from './incident/drive.ts';

describe('the ladder, minute by minute', () => {
  test.each([
    ['fatal', ['0: on_duty', '10: level_1,all_hands']],
    ['severe', ['0: on_duty', '15: level_2']],
    ['general', ['0: on_duty', '30: on_duty']],
  ] as const)('%s pages exactly these when nobody answers', (severity, wanted) => {
    const run = drive(input({ severity, alarms: [alarm('disk', { severity })] }));

    run.until(10 - 1 / 60_000);
    expect(run.paged()).toEqual(['0: on_duty']);
    run.until(120);

    expect(run.paged()).toEqual(wanted);
  });

  test('general asks for a report at 30 minutes and never before', () => {
    const run = drive(input({ severity: 'general', alarms: [] }));

    run.until(29.99);
    expect(run.seen.some(({ action }) => action.type === 'report')).toBe(false);
    run.until(31);

    expect(run.seen.filter(({ action }) => action.type === 'report').map(({ at_ms, action }) => [at_ms, action])).toEqual([
      [30 * minute, { type: 'report', id: 'inc-7/report-1', to: ['on_duty'], final: false }],
    ]);
  });

  test('opened late, overdue tiers are paged at once, in order, each once', () => {
    const tiers = {
      ...defaultTiers,
      fatal: [
        { after_ms: 10 * minute, to: ['level_1'], then: null },
        { after_ms: 20 * minute, to: ['level_2'], then: null },
        { after_ms: 40 * minute, to: ['all_hands'], then: null },
      ],
    };
    const run = drive(input({ tiers }), { begin_ms: 25 * minute });

    expect(run.paged()).toEqual(['25: on_duty', '25: level_1', '25: level_2']);
    run.until(120);

    expect(run.paged()).toEqual(['25: on_duty', '25: level_1', '25: level_2', '40: all_hands']);
  });

  test('a timer that comes early pages nobody and is awaited again', () => {
    const run = drive(input());

    const early = nextIncident(run.state, { type: 'timer', at: opened + 10 * minute - 1, id: 'tier' });

    expect(early.actions).toEqual([{ type: 'timer', id: 'tier', at: opened + 10 * minute }]);
  });

  test('acknowledge stops the escalation and tells the run', () => {
    const run = drive(input());

    run.at(9.9, { type: 'move', move: moveOf({ kind: 'acknowledge' }) }).until(180);

    expect(run.paged()).toEqual(['0: on_duty']);
    expect(run.state).toMatchObject({ phase: 'acknowledged', commander: 'Li Wei' });
    expect(run.seen.map(({ action }) => action)).toContainEqual({ type: 'acked', run: 'inc-7.1', by: 'Li Wei' });
    expect(run.state.timers).toEqual({});
  });

  test('resolve tells everybody who was called, reports and ends', () => {
    const run = drive(input());

    run.at(12, { type: 'move', move: moveOf({ kind: 'resolve', reason: 'disk replaced' }) }).until(300);

    expect(run.paged()).toEqual(['0: on_duty', '10: level_1,all_hands', '12: on_duty,level_1,all_hands']);
    expect(run.seen.slice(-4).map(({ action }) => action.type)).toEqual(['page', 'report', 'end', 'note']);
    expect(upcomingIncident(run.state)).toMatchObject({ what: 'end', at: null });
  });

  test('a higher severity counts from the opening: overdue tiers fire now, those already fired do not come again', () => {
    const run = drive(input({ severity: 'severe', alarms: [alarm('disk', { severity: 'severe' })] }));

    run.at(12, { type: 'move', move: moveOf({ kind: 'severity', severity: 'fatal' }) });
    expect(run.paged()).toEqual(['0: on_duty', '12: level_1,all_hands']);
    run
      .at(16, { type: 'move', move: moveOf({ kind: 'severity', severity: 'severe' }) })
      .at(17, { type: 'move', move: moveOf({ kind: 'severity', severity: 'fatal' }) })
      .until(60);

    expect(run.paged()).toEqual(['0: on_duty', '12: level_1,all_hands', '16: level_2']);
  });

  test('a worse alarm raises the severity, unless a person has judged it', () => {
    const raised = drive(input({ severity: 'general', alarms: [alarm('disk', { severity: 'general' })] })).at(1, {
      type: 'alarm',
      alarm: alarm('raid'),
    });
    const judged = drive(input({ severity: 'severe', alarms: [] }))
      .at(1, { type: 'move', move: moveOf({ kind: 'severity', severity: 'general' }) })
      .at(2, { type: 'alarm', alarm: alarm('raid') });

    expect(raised.state.severity).toBe('fatal');
    expect(judged.state.severity).toBe('general');
  });
});

describe('a page that reaches nobody', () => {
  test('pulls the next tier forward at once, says so, and is tried again', () => {
    let down = true;
    const run = drive(input(), { dead: (page) => down && page === 'inc-7/first' });

    expect(run.paged()).toEqual(['0: on_duty', '0: level_1,all_hands']);
    expect(run.codes()).toContain('incident.pulled');
    down = false;
    run.until(60);

    expect(run.paged()).toEqual(['0: on_duty', '0: level_1,all_hands', '0.5: on_duty']);
  });

  test('at the end of the ladder it is said that somebody must call by other means', () => {
    const run = drive(input(), { dead: () => true });

    expect(run.codes().filter((code) => code === 'incident.unreached')).toHaveLength(1);
    expect(upcomingIncident(run.state)).toMatchObject({ what: 'acknowledge', at: opened + 30_000 });
    run.until(600);

    expect(run.codes()).toContain('incident.gave_up');
    expect(run.state.timers).toEqual({});
  });

  test('is called off by an acknowledgement', () => {
    const run = drive(input(), { dead: (page) => page === 'inc-7/first' });

    run.at(0.2, { type: 'move', move: moveOf({ kind: 'acknowledge' }) }).until(60);

    expect(run.paged()).toEqual(['0: on_duty', '0: level_1,all_hands']);
  });
});

describe('alarms and runs', () => {
  const gone = (name: string) => ({ type: 'alarm' as const, alarm: alarm(name, { status: 'resolved' }) });

  test('all alarms gone: people are told once, no tier is paged, a person must resolve while the run is under way', () => {
    const run = drive(input())
      .at(1, { type: 'alarm', alarm: alarm('raid') })
      .at(2, gone('disk'))
      .at(3, gone('raid'))
      .at(4, gone('raid'))
      .until(60);

    expect(run.state.phase).toBe('recovered');
    expect(run.paged()).toEqual(['0: on_duty', '3: on_duty']);
  });

  test('an alarm that fires again resumes the clock at its absolute times', () => {
    const run = drive(input())
      .at(2, gone('disk'))
      .at(12, { type: 'alarm', alarm: alarm('disk', { starts_at: opened + 12 * minute }) })
      .until(60);

    expect(run.paged()).toEqual(['0: on_duty', '2: on_duty', '12: level_1,all_hands']);
    expect(run.state.phase).toBe('open');
  });

  test('resolves by itself when recovered and its run ended well, in either order, and never before', () => {
    const alarmsFirst = drive(input()).at(2, gone('disk'));
    expect(alarmsFirst.state.resolved).toBeNull();
    alarmsFirst.at(3, { type: 'run', run: 'inc-7.1', status: 'ok' });
    const runFirst = drive(input()).at(2, { type: 'run', run: 'inc-7.1', status: 'ok' });
    expect(runFirst.state.resolved).toBeNull();
    runFirst.at(3, gone('disk'));

    expect([alarmsFirst.state.resolved?.by, runFirst.state.resolved?.by]).toEqual(['tocsin', 'tocsin']);
    expect(runFirst.paged()).toEqual(['0: on_duty', '3: on_duty']);
  });

  test.each([
    ['nobody commands: level 1', null, 'level_1'],
    ['a commander: the commander', 'Ana', 'Ana'],
  ])('a failed run pages at once; %s', (_, commander, wanted) => {
    const run = drive(input({ commander })).at(3, { type: 'run', run: 'inc-7.1', status: 'failed' }).at(4, gone('disk'));

    expect(run.paged()).toContain(`3: ${wanted}`);
    expect(run.state).toMatchObject({ phase: 'recovered', resolved: null });
  });

  test('resolve before fire, repeated and overtaken alarms change nothing', () => {
    const run = drive(input());
    const before = run.seen.length;

    run
      .at(1, { type: 'alarm', alarm: alarm('disk') })
      .at(1, { type: 'alarm', alarm: alarm('disk', { status: 'resolved', starts_at: opened - 5 }) });

    expect(run.seen).toHaveLength(before);
    expect(drive(input({ alarms: [alarm('x', { status: 'resolved' })] })).at(1, { type: 'alarm', alarm: alarm('x') }).state.phase).toBe(
      'recovered',
    );
  });

  test('hand-over tells the old and the new commander', () => {
    const run = drive(input({ commander: 'Ana' })).at(2, { type: 'move', move: moveOf({ kind: 'hand_over', to: 'Bo' }) });

    expect(run.state.commander).toBe('Bo');
    expect(run.paged()).toEqual(['0: on_duty', '2: Ana,Bo']);
  });
});

describe('legalIncident', () => {
  test.each([
    [{ kind: 'acknowledge' }, null],
    [{ kind: 'acknowledge', by: ' ' }, 'needs a person'],
    [{ kind: 'resolve', reason: '' }, 'needs a reason'],
    [{ kind: 'hand_over', to: '' }, '"to" is empty'],
    [{ kind: 'severity', severity: 'fatal' }, 'already is fatal'],
    [{ kind: 'severity', severity: 'toString' }, 'is unknown'],
    [{ kind: 'note', text: '' }, 'is empty'],
  ] as const)('%j: %s', (words, wanted) => {
    const reason = legalIncident(drive(input()).state, moveOf(words));

    expect(reason ?? '').toContain(wanted ?? '');
    expect(reason === null).toBe(wanted === null);
  });

  test('a note of 5,000 characters is refused with its length', () => {
    expect(legalIncident(drive(input()).state, moveOf({ kind: 'note', text: 'x'.repeat(5000) }))).toContain('has 5000 characters');
  });

  test('who comes second learns who has it and since when; the same move again is no news', () => {
    const first = moveOf({ kind: 'acknowledge' });
    const run = drive(input()).at(4, { type: 'move', move: first });

    expect(legalIncident(run.state, moveOf({ kind: 'acknowledge' }))).toBe('inc-7 is already acknowledged by Li Wei at 02:04 UTC');
    expect(legalIncident(run.state, first)).toBeNull();
    expect(nextIncident(run.state, { type: 'move', at: opened, move: first }).actions).toEqual([]);
  });
});

test('"Next" names people and moment until somebody answers, then the commander', () => {
  const run = drive(input());
  expect(upcomingIncident(run.state)).toEqual({
    what: 'tier',
    step: null,
    at: opened + 10 * minute,
    values: { to: ['level_1', 'all_hands'], report: false },
  });

  run.at(1, { type: 'move', move: moveOf({ kind: 'acknowledge' }) });

  expect(upcomingIncident(run.state)).toMatchObject({ what: 'resolve', values: { commander: 'Li Wei' } });
});
