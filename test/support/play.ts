import type { Call, Plan, Question, Step, Undo } from '../../workflows/core/plan.ts';
import type { Move, MoveKind, Perform, RunInput } from '../../workflows/core/run.ts';
import { simulate, type Script, type Simulated } from '../../workflows/core/simulate/index.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import { inputOf, nodeOf, once, planOf, stepOf } from './runs.ts';

/** A command on `host` that changes something and may not be repeated blindly. */
export function act(id: string, fields: Partial<Step> = {}): Step {
  return stepOf(id, sh(id), { risk: 'change', idempotent: false, ...fields });
}

/** A command that only reads. */
export function look(id: string, fields: Partial<Step> = {}): Step {
  return stepOf(id, sh(`look-${id}`), fields);
}

export function sh(word: string, more: JsonMap = {}): Call {
  return { kind: 'ssh', args: { on: 'host', run: [word], ...more } };
}

export function question(expect: string | null = 'result.exit == 0'): Question {
  return { call: sh('is-done'), expect };
}

export function undoOf(fields: Partial<Undo> = {}): Undo {
  return { call: sh('take-back'), expect: null, retry: once, timeout_ms: 60_000, ...fields };
}

export function ask(id: string, args: JsonMap = {}, fields: Partial<Step> = {}): Step {
  return stepOf(id, { kind: 'approve', args: { ask: 'Go?', by: { role: 'commander' }, ...args } }, { timeout_ms: null, ...fields });
}

export interface PlayOptions extends Partial<Omit<RunInput, 'plan'>> {
  readonly plan?: Partial<Plan>;
  readonly script?: Script;
  readonly seed?: number;
}

export interface Played extends Simulated {
  readonly performs: readonly (Perform & { readonly at_ms: number })[];
  /** Ids of performs in order. */
  readonly ids: readonly string[];
  /** `code step` of each line. */
  readonly codes: readonly string[];
  readonly status: (step: string) => string;
}

export function play(steps: readonly Step[], { plan = {}, script = {}, seed = 1, ...input }: PlayOptions = {}): Played {
  const targets = { host: [nodeOf('host1')], ...input.targets };
  const specs = { host: { where: 'true', exactly: 1, at_least: 1, pick: null }, ...plan.targets };
  const found = simulate({
    input: inputOf('run-1', planOf(steps, { ...plan, targets: specs }), { ...input, targets }),
    script: { incident: false, ...script },
    seed,
  });
  const performs = found.actions.flatMap(({ at_ms, action }) => (action.type === 'perform' ? [{ ...action.perform, at_ms }] : []));
  return {
    ...found,
    performs,
    ids: performs.filter(({ kind }) => kind !== 'notify').map(({ id }) => id),
    codes: found.notes.map(({ code, step }) => (step === null ? code : `${code} ${step}`)),
    status: (step) => found.state.steps[step]!.status,
  };
}

type Wanted = Move extends infer M ? (M extends Move ? Omit<M, 'id' | 'by' | 'reason'> : never) : never;
let moves = 0;

/** A move of a person at a time from the start. */
export function moved(at_ms: number, wanted: Wanted, by = 'ann'): { readonly at_ms: number; readonly move: Move } {
  return { at_ms, move: { id: `m${++moves}`, by, reason: 'because', ...wanted } as Move };
}

export type { MoveKind };
