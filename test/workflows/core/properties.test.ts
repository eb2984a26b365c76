import fc from 'fast-check';
import { codes } from '../../../workflows/core/codes.ts';
import { begin, next, upcoming, view } from '../../../workflows/core/machine.ts';
import type { Action, Perform } from '../../../workflows/core/run.ts';
import { simulate, simulateTogether, type Simulated } from '../../../workflows/core/simulate/index.ts';
import { cases, type Case } from '../../support/plans.ts';

const runs = Number(process.env['TOCSIN_PROPERTY_RUNS'] ?? 200);

function holdsFor(check: (found: Simulated, given: Case) => void): void {
  fc.assert(
    fc.property(cases, (given) => check(simulate(given), given)),
    { numRuns: runs },
  );
}

const performsOf = ({ actions }: Simulated) => actions.flatMap(({ action }) => (action.type === 'perform' ? [action.perform] : []));
const isTold = ({ id }: Perform) => id.includes('!');
const unitsOf = (perform: Perform) => perform.units.map(({ key }) => key.replace(/#\d+$/, ''));

test('every run ends, once, and nothing is done afterwards', () => {
  holdsFor(({ state, actions, stuck }) => {
    expect({ ended: state.ended !== null, stuck }).toEqual({ ended: true, stuck: null });
    const end = actions.findIndex(({ action }) => action.type === 'end');
    expect(actions.slice(end + 1)).toEqual([]);
    expect(Object.keys(state.flights)).toEqual([]);
  });
});

test('undo goes backwards, only over what may have run, and never past the pivot', () => {
  holdsFor(({ state, notes, actions }) => {
    const undone = notes.flatMap(({ code, step }) => (code === 'undo.started' ? [state.begun.lastIndexOf(step!)] : []));
    expect(undone).toEqual([...undone].sort((a, b) => b - a));
    expect(new Set(undone).size).toBe(undone.length);
    if (notes.some(({ code }) => code === 'undo.kept')) expect(undone).toEqual([]);
    const pivot = state.input.plan.steps.find((step) => step.pivot)?.id;
    if (pivot !== undefined && state.steps[pivot]!.status === 'ok') expect(undone).toEqual([]);
    const sent = new Set(
      actions.flatMap(({ action }) => (action.type === 'perform' && action.perform.role === 'do' ? [action.perform.step] : [])),
    );
    const byHand = new Set(notes.flatMap(({ code, step }) => (code === 'move.take_over' || code === 'manual.asked' ? [step!] : [])));
    for (const index of undone) expect(sent.has(state.begun[index]!) || byHand.has(state.begun[index]!)).toBe(true);
  });
});

test('nothing runs after an abort but finally', () => {
  holdsFor(({ actions }) => {
    const abort = actions.findIndex(({ action }) => action.type === 'note' && action.note.code === 'move.abort');
    if (abort < 0) return;
    const after = actions
      .slice(abort)
      .flatMap(({ action }) =>
        action.type === 'perform' && !isTold(action.perform) ? [action.perform.step] : action.type === 'child' ? [action.id] : [],
      );
    expect(after.filter((step) => !step.startsWith('finally'))).toEqual([]);
    expect(after).toEqual(['finally[0]']);
  });
});

test('a unit that done_when has called done never runs again', () => {
  holdsFor(({ actions }) => {
    const done = new Set<string>();
    for (const { action } of actions) {
      if (action.type === 'note' && action.note.code === 'step.was_done') done.add(`${action.note.step}/${action.note.node}`);
      if (action.type !== 'perform' || action.perform.role !== 'do') continue;
      for (const unit of action.perform.units) expect(done.has(`${action.perform.step}/${labelOf(unit)}`)).toBe(false);
    }
  });
});

/** As notes name a unit: an item of the list by its place in the key, else the node. */
function labelOf({ key, node }: Perform['units'][number]): string | null {
  const place = /\[(\d)\]#/.exec(key)?.[1];
  return place === undefined ? node : ['a', 'b', 'c'][Number(place)]!;
}

test('what may have run and may not be repeated runs again only when a person says so', () => {
  holdsFor(({ state, events, actions }) => {
    const performs = new Map(
      actions.flatMap(({ action }) => (action.type === 'perform' ? [[action.perform.id, action.perform] as const] : [])),
    );
    const doubtful = new Set<string>();
    const plan = new Map(state.input.plan.steps.map((step) => [step.id, step]));
    let turn = begin(state.input, state.started_at);
    const see = (list: readonly Action[]) => {
      for (const action of list) {
        if (action.type === 'note' && action.note.code === 'move.retry')
          for (const key of [...doubtful]) if (key.startsWith(`r/${action.note.step}`)) doubtful.delete(key);
        if (action.type === 'perform' && action.perform.role === 'do')
          for (const key of unitsOf(action.perform)) expect(doubtful.has(key)).toBe(false);
      }
    };
    for (const event of events) {
      if (event.type === 'outcome') {
        const perform = performs.get(event.id)!;
        const step = plan.get(perform.step);
        if (perform.role === 'do' && step !== undefined && !step.idempotent && step.retry.until === null) {
          perform.units.forEach((unit, index) => {
            if (event.outcomes[index]!.ran !== 'no') doubtful.add(unit.key.replace(/#\d+$/, ''));
          });
        }
      }
      turn = next(turn.state, event);
      see(turn.actions);
    }
  });
});

test('job keys are never used twice, and a unit is never under way twice', () => {
  holdsFor(({ actions, events, state }) => {
    const keys = performsOf({ actions } as Simulated).flatMap(({ units }) => units.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
    const ids = actions.flatMap(({ action }) =>
      action.type === 'perform' ? [action.perform.id] : action.type === 'child' ? [action.id] : [],
    );
    expect(new Set(ids).size).toBe(ids.length);
    const flying = new Set<string>();
    let turn = begin(state.input, state.started_at);
    const see = (list: readonly Action[]) =>
      list.forEach((action) => {
        if (action.type !== 'perform' || action.perform.role !== 'do') return;
        for (const unit of unitsOf(action.perform)) {
          expect(flying.has(unit)).toBe(false);
          flying.add(unit);
        }
      });
    see(turn.actions);
    const performs = new Map(performsOf({ actions } as Simulated).map((perform) => [perform.id, perform]));
    for (const event of events) {
      if (event.type === 'outcome') unitsOf(performs.get(event.id)!).forEach((unit) => flying.delete(unit));
      turn = next(turn.state, event);
      see(turn.actions);
    }
  });
});

test('while paused nothing begins; people are told all the same', () => {
  holdsFor(({ actions }) => {
    let paused = false;
    for (const { action } of actions) {
      if (action.type === 'note' && action.note.code === 'move.pause') paused = true;
      if (action.type === 'note' && ['move.resume', 'move.abort'].includes(action.note.code)) paused = false;
      if (paused && action.type === 'perform') expect(isTold(action.perform)).toBe(true);
      if (paused) expect(action.type === 'child' || action.type === 'lock').toBe(false);
    }
  });
});

test('a step begins only when everything it needs is over', () => {
  holdsFor(({ state, actions }) => {
    const over = new Set<string>();
    for (const { action } of actions) {
      if (action.type === 'note' && ['step.ok', 'step.skipped', 'step.continued'].includes(action.note.code)) over.add(action.note.step!);
      if (action.type !== 'note' || action.note.code !== 'step.started') continue;
      const step = state.input.plan.steps.find(({ id }) => id === action.note.step)!;
      expect(step.needs.filter((need) => !over.has(need))).toEqual([]);
    }
  });
});

test('a lock is held by one run at a time, and all are given back', () => {
  fc.assert(
    fc.property(cases, cases, (one, two) => {
      const found = simulateTogether([
        { ...one, input: { ...one.input, run: 'r1' } },
        { ...two, input: { ...two.input, run: 'r2' } },
      ]);
      expect(found.map(({ state }) => state.ended !== null)).toEqual([true, true]);
      const spans = found.flatMap(({ notes }, run) => spansOf(notes).map((span) => ({ ...span, run })));
      for (const a of spans) {
        for (const b of spans) if (a.run !== b.run && a.name === b.name) expect(a.to <= b.from || b.to <= a.from).toBe(true);
      }
    }),
    { numRuns: Math.ceil(runs / 2) },
  );
});

function spansOf(notes: Simulated['notes']): { readonly name: string; readonly from: number; readonly to: number }[] {
  const open = new Map<string, number>();
  const found: { name: string; from: number; to: number }[] = [];
  for (const { code, values, at } of notes) {
    const name = String(values['name']);
    if (code === 'lock.granted' && !open.has(name)) open.set(name, at);
    if (code !== 'lock.released') continue;
    found.push({ name, from: open.get(name)!, to: at });
    open.delete(name);
  }
  expect([...open.keys()]).toEqual([]);
  return found;
}

test('the state survives a trip through text at every event, nothing the caller holds is ever changed, and the same seed gives the same lines', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const plain = simulate(given);
      const carried = simulate({ ...given, watch: (state) => JSON.parse(JSON.stringify(state)) });
      const frozen = simulate({ ...given, watch: (state) => deepFreeze(state) });

      expect(carried.notes).toEqual(plain.notes);
      expect(frozen.notes).toEqual(plain.notes);
      expect(JSON.parse(JSON.stringify(plain.state))).toEqual(carried.state);
    }),
    { numRuns: Math.ceil(runs / 2) },
  );
});

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
  return value;
}

test('every line has exactly the values its code names, and there is always something to show', () => {
  holdsFor(({ notes, events, state }) => {
    for (const { code, values } of notes)
      expect({
        code,
        names: Object.keys(values).filter((name) => !(codes[code as keyof typeof codes] as readonly string[]).includes(name)),
      }).toEqual({ code, names: [] });
    let turn = begin(state.input, state.started_at);
    for (const event of events) {
      if (turn.state.ended === null) expect(upcoming(turn.state)).not.toBeNull();
      expect(view(turn.state).steps).toHaveLength(state.input.plan.steps.length);
      turn = next(turn.state, event);
    }
  });
});
