import { z } from 'zod';
import { performUnits } from '../../../activities/hand/perform.ts';
import type { Attempt, Memory } from '../../../activities/hand/perform.ts';
import { TocsinError } from '../../../activities/platform/errors.ts';
import type { StepKind, UnitContext } from '../../../activities/steps/kind.ts';
import type { Outcome, Perform } from '../../../workflows/core/run.ts';
import type { Deps } from '../../../activities/deps.ts';
import { depsOf, hostOf, performOf, siteOf, unitOf } from '../../support/hands.ts';

function kindOf(run: StepKind['run'], fields: Partial<StepKind> = {}): StepKind {
  return {
    id: 'ssh',
    words: { en: { title: '', help: '' }, zh: { title: '', help: '' } },
    shape: z.looseObject({ on: z.string().optional() }),
    place: 'on',
    risk: () => 'change',
    idempotent: false,
    chunk: 50,
    run,
    ...fields,
  };
}
const ok = ({ unit }: UnitContext, result: Outcome['result'] = {}): Outcome => ({
  node: unit.node,
  ok: true,
  result,
  problem: null,
  ran: 'yes',
  seconds: 0,
});
const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
const site = siteOf({ hosts: names(200).map((name) => hostOf(name)) });

interface Play {
  readonly number?: number;
  readonly details?: unknown;
  readonly stop?: AbortSignal;
  readonly leave?: AbortSignal;
  readonly beats?: Memory[];
  readonly deps?: Partial<Deps>;
}
function perform(kind: StepKind, fields: Partial<Perform>, play: Play = {}) {
  const attempt: Attempt = {
    number: play.number ?? 1,
    details: play.details ?? null,
    stop: play.stop ?? new AbortController().signal,
    leave: play.leave ?? new AbortController().signal,
    heartbeat: (memory) => void play.beats?.push(structuredClone(memory)),
  };
  return performUnits({
    deps: depsOf({ site: () => site, ...play.deps }),
    kind,
    perform: performOf({ kind: kind.id, risk: 'change', ...fields }),
    attempt,
  });
}

test('units are worked on side by side, at most 64 at once, and answered in their order', async () => {
  let now = 0;
  let most = 0;
  const kind = kindOf(async (context) => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    now -= 1;
    return ok(context);
  });

  const outcomes = await perform(kind, { units: names(150).map((name) => unitOf(name)) });

  expect(most).toBe(64);
  expect(outcomes.map(({ node }) => node)).toEqual(names(150));
});

test('a retry does not repeat units that were finished, and hands back where the others were', async () => {
  const asked: (string | null)[] = [];
  const seen: unknown[] = [];
  const kind = kindOf(async (context) => {
    asked.push(context.unit.node);
    seen.push(context.resumed);
    return ok(context, { again: true });
  });
  const finished: Outcome = { node: 'n0', ok: true, result: { first: true }, problem: null, ran: 'yes', seconds: 1 };

  const outcomes = await perform(
    kind,
    { units: [unitOf('n0'), unitOf('n1')] },
    { number: 2, details: { done: { 0: finished }, units: { 1: { offset: 7 } } } },
  );

  expect(asked).toEqual(['n1']);
  expect(seen).toEqual([{ offset: 7 }]);
  expect(outcomes.map(({ result }) => result)).toEqual([{ first: true }, { again: true }]);
});

test('one hand that throws costs the others nothing: the next attempt repeats it alone', async () => {
  const beats: Memory[] = [];
  const kind = kindOf(async (context) => {
    if (context.unit.node === 'n1') throw new TocsinError('connection lost', { code: 'E-X', retry: true });
    return ok(context);
  });

  await expect(perform(kind, { units: names(3).map((name) => unitOf(name)) }, { beats })).rejects.toMatchObject({
    type: 'HandFailed',
    message: 'connection lost',
  });
  expect(Object.keys(beats.at(-1)!.done)).toEqual(['0', '2']);
});

test('a hand that throws for ever becomes an outcome that people decide on', async () => {
  const kind = kindOf(async () => {
    throw new Error('defect');
  });
  const [outcome] = await perform(kind, { units: [unitOf('n0')] }, { number: 6 });
  expect(outcome).toMatchObject({ ok: false, ran: 'unknown', problem: { kind: 'unknown', message: 'defect' } });
});

test('what is no keyed job, no read and not idempotent is never tried again by itself', async () => {
  const kind = kindOf(
    async () => {
      throw new Error('cut off');
    },
    { id: 'sql' },
  );
  const [outcome] = await perform(kind, { units: [unitOf('n0')] });
  expect(outcome).toMatchObject({ ok: false, ran: 'unknown' });
});

test('arguments that do not fit the shape, an unknown host and a production host in a drill are refused before any effect', async () => {
  let ran = 0;
  const kind = kindOf(
    async (context) => {
      ran += 1;
      return ok(context);
    },
    { shape: z.strictObject({ on: z.string(), n: z.int() }) },
  );
  const production = siteOf({ hosts: [hostOf('prod', { production: true })] });

  const [shape] = await perform(kind, { args: { on: 'n0', n: 'five' } });
  const [host] = await perform(kind, { args: { on: 'nowhere', n: 5 } });
  const [drill] = await perform(kind, { args: { on: 'prod', n: 5 }, mode: 'drill' }, { deps: { site: () => production } });
  const [live] = await perform(kind, { args: { on: 'prod', n: 5 } }, { deps: { site: () => production } });

  expect(shape).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'refused', message: expect.stringContaining('n: ') } });
  expect(host).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'refused', message: expect.stringContaining('nowhere') } });
  expect(drill).toMatchObject({
    ok: false,
    ran: 'no',
    problem: { kind: 'refused', message: expect.stringContaining('"prod" is production') },
  });
  expect(live).toMatchObject({ ok: true });
  expect(ran).toBe(1);
});

test('simulate touches nothing, and a drill changes nothing at an address that nobody knows', async () => {
  const touched = kindOf(async () => {
    throw new Error('touched');
  });
  const http = kindOf(
    async () => {
      throw new Error('touched');
    },
    { id: 'http', place: null },
  );

  expect(await perform(touched, { mode: 'simulate', args: { on: 'n0' } })).toMatchObject([{ ok: true, ran: 'no' }]);
  expect(await perform(http, { mode: 'drill', args: { url: 'https://pay.example/charge' } })).toMatchObject([
    { ok: false, ran: 'no', problem: { kind: 'refused' } },
  ]);
});

test('secrets are hidden in results, errors and heartbeats, in every spelling', async () => {
  process.env['TEST_HAND_SECRET'] = 'pa ss"word';
  const beats: Memory[] = [];
  const kind = kindOf(async (context) => {
    context.beat({ said: 'pa ss"word' });
    return {
      ...ok(context, {
        plain: 'x pa ss"word y',
        url: 'pa%20ss%22word',
        base64: Buffer.from('pa ss"word').toString('base64'),
        list: ['pa ss\\"word'],
      }),
      problem: { kind: 'exit', message: 'bad pa ss"word', hint: null },
    };
  });

  const outcomes = await perform(kind, { units: [unitOf('n0')], secrets: { p: { from: 'env', key: 'TEST_HAND_SECRET' } } }, { beats });

  expect(JSON.stringify([outcomes, beats])).not.toMatch(/ss\\*"word|ss%22word/);
  expect(outcomes[0]!.result).toEqual({ plain: 'x *** y', url: '***', base64: '***', list: ['***'] });
});

test('the time of a unit ends it, and a hand that ignores that is not waited for without end', async () => {
  const kind = kindOf(
    async (context) =>
      new Promise((resolve) =>
        context.signal.addEventListener('abort', () => resolve({ ...ok(context), ok: false, ran: 'unknown' }), { once: true }),
      ),
  );
  const [outcome] = await perform(kind, { units: [unitOf('n0')], timeout_ms: 50 });
  expect(outcome).toMatchObject({ ok: false, ran: 'unknown' });
});

test('an abort reaches the units that run, and those that wait never begin', async () => {
  const stop = new AbortController();
  const begun: string[] = [];
  const kind = kindOf(async (context) => {
    begun.push(context.unit.node!);
    if (begun.length === 64) stop.abort(new Error('abort'));
    return new Promise((resolve) => {
      const end = () => resolve({ ...ok(context), ok: false, problem: { kind: 'cancelled', message: 'gone', hint: null } });
      if (context.signal.aborted) end();
      else context.signal.addEventListener('abort', end, { once: true });
    });
  });

  const outcomes = await perform(kind, { units: names(100).map((name) => unitOf(name)) }, { stop: stop.signal });

  expect(begun).toHaveLength(64);
  expect(outcomes.filter(({ ran }) => ran === 'no')).toHaveLength(36);
});

test('a worker that leaves lets go at once, with what it knows', async () => {
  const leave = new AbortController();
  const kind = kindOf(async (context) => {
    if (context.unit.node === 'n0') return ok(context);
    setTimeout(() => leave.abort(), 20);
    return new Promise(() => undefined);
  });

  await expect(perform(kind, { units: [unitOf('n0'), unitOf('n1')] }, { leave: leave.signal })).rejects.toMatchObject({
    type: 'WorkerLeaving',
    details: [{ done: { 0: { ok: true } } }],
  });
});
