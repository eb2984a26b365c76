import type { JsonMap } from '../../domain/words.ts';
import type { Plan } from '../plan.ts';
import type { Outcome, Perform, Problem, Unit } from '../run.ts';
import { faults, type At, type Fault, type Script } from './script.ts';

export const usual_ms = 1_000;

/** What each kind answers when nobody says otherwise. */
const usual: { readonly [kind: string]: JsonMap } = {
  ssh: { exit: 0, stdout: '', stderr: '' },
  copy: { sha256: '', bytes: 0 },
  sql: { rows: [], count: 0 },
  http: { status: 200, headers: {}, body: '' },
  probe: { up: true, ms: 1 },
  notify: { delivered: [], failed: [] },
};

export interface Answer {
  readonly outcomes: readonly Outcome[];
  readonly after_ms: number;
}

export interface Answers {
  readonly to: (perform: Perform) => Answer;
  /** `null`: the nested run goes well. */
  readonly toChild: (step: string) => { readonly fault: Fault | null; readonly out: JsonMap; readonly after_ms: number };
}

const marks = { do: '', ask: '?', undo: '~', check: '', react: '' } as const;

/** Answers by the script, then by `drill.answer`, then as usual. Each rule counts its own uses. */
export function openAnswers(plan: Plan, script: Script, random: () => number): Answers {
  const used = new Map<At, number>();

  function pick<T extends At>(
    list: readonly T[] | undefined,
    place: string,
    node: string | null,
    twin: string | null = null,
  ): T | undefined {
    return list?.find((rule) => {
      if (rule.at !== place && rule.at !== twin && rule.at !== '*') return false;
      if (rule.node !== undefined && rule.node !== node) return false;
      const count = used.get(rule) ?? 0;
      if (rule.times !== undefined && count >= rule.times) return false;
      used.set(rule, count + 1);
      return true;
    });
  }

  function one(perform: Perform, unit: Unit): Outcome {
    const place = `${perform.step}${marks[perform.role]}`;
    // A host that cannot be reached cannot be asked either.
    const cut = script.faults?.filter(({ fault }) => fault === 'unreachable');
    const fault = pick(script.faults, place, unit.node) ?? (perform.role === 'ask' ? pick(cut, place, unit.node, perform.step) : undefined);
    if (fault !== undefined) return faulty(perform, unit, fault.fault, fault.exit ?? 1);
    const told = pick(script.answers, place, unit.node);
    if (told !== undefined) return given(unit, told.result, told.ok);
    if (script.chance !== undefined && random() < script.chance)
      return faulty(perform, unit, faults[Math.floor(random() * faults.length)]!, 1);
    if (perform.role === 'ask') return given(unit, { ...usual[perform.kind], exit: 1 }, false);
    const step = perform.role === 'do' ? plan.steps.find(({ id }) => id === perform.step) : undefined;
    const canned = step?.drill !== null && typeof step?.drill === 'object' ? step.drill.answer : null;
    if (canned !== null && typeof canned === 'object' && !Array.isArray(canned))
      return given(unit, { ...usual[perform.kind], ...canned }, undefined);
    return given(unit, usual[perform.kind] ?? {}, true);
  }

  function to(perform: Perform): Answer {
    const place = `${perform.step}${marks[perform.role]}`;
    const outcomes = perform.units.map((unit) => one(perform, unit));
    const delay = Math.max(usual_ms, ...perform.units.map((unit) => pick(script.delays, place, unit.node)?.delay_ms ?? 0));
    const limit = perform.timeout_ms ?? Number.POSITIVE_INFINITY;
    if (delay > limit) return { outcomes: perform.units.map((unit) => faulty(perform, unit, 'timeout', 1)), after_ms: limit };
    const isLate = outcomes.some(({ problem }) => problem?.kind === 'timeout');
    return { outcomes, after_ms: isLate && Number.isFinite(limit) ? limit : delay };
  }

  return {
    to,
    toChild(step) {
      const delay = pick(script.delays, step, null)?.delay_ms ?? usual_ms;
      const fault = pick(script.faults, step, null)?.fault ?? null;
      return { fault, out: pick(script.answers, step, null)?.result ?? {}, after_ms: delay };
    },
  };
}

function given({ node }: Unit, result: JsonMap, ok: boolean | undefined): Outcome {
  const exit = result['exit'];
  const isGood = ok ?? (exit === undefined || exit === 0);
  const problem: Problem | null = isGood ? null : { kind: 'exit', message: `exit was ${String(exit ?? 1)}`, hint: null };
  return { node, ok: isGood, result, problem, ran: 'yes', seconds: 1 };
}

const ran: Readonly<Record<Fault, Outcome['ran']>> = {
  unreachable: 'no',
  refused: 'no',
  timeout: 'yes',
  exit: 'yes',
  expect: 'yes',
  unknown: 'unknown',
};
const messages: Readonly<Record<Fault, string>> = {
  unreachable: 'the host cannot be reached',
  refused: 'the hand refused to act',
  timeout: 'it took too long and was stopped',
  exit: 'exit was 1',
  expect: 'its answer is not what was expected',
  unknown: 'the connection was lost, nobody knows whether it ran',
};

function faulty(perform: Perform, { node }: Unit, fault: Fault, exit: number): Outcome {
  const result = fault === 'exit' || fault === 'expect' ? { ...usual[perform.kind], exit } : null;
  const message = fault === 'exit' ? `exit was ${exit}` : messages[fault];
  return { node, ok: false, result, problem: { kind: fault, message, hint: null }, ran: ran[fault], seconds: 1 };
}
