import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bind } from '../../runbooks/bind.ts';
import { compile } from '../../runbooks/language/compile.ts';
import { engineVersion } from '../../workflows/core/plan.ts';
import type { Move, RunInput } from '../../workflows/core/run.ts';
import { simulate, type Script } from '../../workflows/core/simulate/index.ts';

const minute = 60_000;

async function load(name: string) {
  const file = join(__dirname, `../../runbooks/escalation/${name}.yaml`);
  return compile(readFileSync(file, 'utf8'), { file });
}

async function play(name: string, script: Script = {}) {
  const { plan, hash, problems } = await load(name);
  if (!plan || !hash) throw new Error(JSON.stringify(problems, null, 2));
  const bound = bind({ plan, inputs: { what: 'disk failing' }, nodes: [] });
  const input: RunInput = {
    run: 'inc-1.1',
    incident: 'inc-1',
    plan,
    plan_hash: hash,
    engine_version: engineVersion,
    inputs: bound.inputs,
    targets: bound.targets,
    alarm: null,
    by: 'alarm:am',
    reason: 'test',
    mode: 'simulate',
    hold: null,
  };
  const done = simulate({ input, script });
  const told = done.notes.flatMap((note) =>
    note.code === 'told' ? [`${Math.floor((note.at - Date.UTC(2026, 0, 1)) / minute)}: ${(note.values['to'] as string[]).join(',')}`] : [],
  );
  const paged = done.pages.map(({ at_ms, page }) => `${Math.floor(at_ms / minute)}: ${page.to.join(',')} ${page.template}`);
  const steps = Object.fromEntries(Object.entries(done.state.steps).map(([id, step]) => [id, step.status]));
  return { done, told, paged, steps };
}

const confirm = (at: number, step: string, by = 'Li Wei') => ({
  at_ms: at * minute,
  move: { id: `c-${step}`, by, reason: 'done', kind: 'confirm', step } satisfies Move,
});

test.each(['fatal', 'severe', 'general'])('%s compiles without a complaint', async (name) => {
  expect((await load(name)).problems).toEqual([]);
});

describe('fatal', () => {
  test('nobody answers: level 1 and all hands at ten minutes, the procedure goes on and waits for the end', async () => {
    const { paged, told, steps, done } = await play('fatal');

    expect(paged).toContain('10: level_1,all_hands incident_tier');
    expect(told).toContain('0: level_1,incident_commander');
    expect(steps).toMatchObject({ command: 'continued', gather: 'ok', judge: 'ok' });
    expect(done.stuck).toMatchObject({ step: 'repaired' });
  });

  test('a commander leads, judges and confirms: a record and a report', async () => {
    const { done, steps } = await play('fatal', {
      moves: [
        confirm(2, 'command'),
        { at_ms: 4 * minute, move: { id: 'a', by: 'Li Wei', reason: 'yes', kind: 'approve', step: 'judge' } },
        confirm(40, 'repaired'),
      ],
      incident_moves: [{ at_ms: minute, move: { id: 'k', by: 'Li Wei', reason: '', kind: 'acknowledge' } }],
    });

    expect(steps).toMatchObject({ command: 'ok', judge: 'ok', repaired: 'ok', finding: 'ok' });
    expect(done.state.ended).toMatchObject({ status: 'ok' });
    expect(done.pages.filter(({ page }) => page.template === 'incident_tier')).toEqual([]);
  });
});

test('severe: the technical lead joins after fifteen minutes, by the clock and by the procedure', async () => {
  const { paged, steps } = await play('severe', { moves: [confirm(60, 'repaired')] });

  expect(paged).toContain('15: level_2 incident_tier');
  expect(steps).toMatchObject({ duty: 'continued', lead: 'ok', repaired: 'ok', finding: 'ok' });
});

test('severe: ended by the duty engineer alone, the lead is left in peace', async () => {
  const { paged, steps, done } = await play('severe', {
    moves: [confirm(9, 'duty')],
    incident_moves: [{ at_ms: minute, move: { id: 'k', by: 'Ana', reason: '', kind: 'acknowledge' } }],
  });

  expect(paged.join(' ')).not.toContain('level_2');
  expect(steps).toMatchObject({ duty: 'ok', lead: 'skipped', repaired: 'skipped' });
  expect(done.state.ended?.status).toBe('ok');
});

test('general: thirty minutes on duty, then a report is asked and the lead is told', async () => {
  const { paged, steps } = await play('general');

  expect(paged).toContain('30: on_duty incident_tier');
  expect(steps).toMatchObject({ handle: 'continued', late: 'ok', finding: 'ok' });
});
