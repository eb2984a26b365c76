import type { Json, JsonMap } from '../domain/words.ts';
import { evaluate, expressionsIn, holds, interpolate, references, type Scope } from './cel.ts';
import type { Problem } from './run.ts';
import { rootNames, scopeOf, type Here } from './scope.ts';
import type { RunState } from './state.ts';

/** A value, or why there is none. */
export type Answer<T> = { readonly value: T } | { readonly problem: Problem };

/** `what` names the key for the message: `when of step "lag"`. */
export function isTrue(state: RunState, source: string, what: string, here: Here = {}): Answer<boolean> {
  return answer(state, { what, here, needed: rootsOf(source) }, (scope) => holds(source, scope, { now: state.now }));
}

export function valueOf(state: RunState, source: string, what: string, here: Here = {}): Answer<Json> {
  return answer(state, { what, here, needed: rootsOf(source) }, (scope) => evaluate(source, scope, { now: state.now }));
}

export function filled(state: RunState, template: Json, what: string, here: Here = {}, quote?: 'sh'): Answer<Json> {
  if (!hasExpression(template)) return { value: template };
  const options = quote === undefined ? { now: state.now } : { now: state.now, quote };
  return answer(state, { what, here, needed: templateRoots(template) }, (scope) => interpolate(template, scope, options));
}

export function filledMap(state: RunState, template: { readonly [key: string]: Json }, what: string, here: Here = {}): Answer<JsonMap> {
  const found: JsonMap = {};
  for (const [key, value] of Object.entries(template)) {
    const each = filled(state, value, `${what} "${key}"`, here);
    if ('problem' in each) return each;
    found[key] = each.value;
  }
  return { value: found };
}

export function hasExpression(value: Json): boolean {
  if (typeof value === 'string') return value.includes('${{');
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(hasExpression);
  for (const key in value) if (hasExpression(value[key]!)) return true;
  return false;
}

const known = new Map<string, readonly string[]>();
const known_max = 1_000;

/** Roots that an expression reads; all of them when it cannot be read, so that the message is about its text. */
function rootsOf(source: string): readonly string[] {
  const found = known.get(source);
  if (found !== undefined) return found;
  if (known.size >= known_max) known.clear();
  const roots = readRoots(source);
  known.set(source, roots);
  return roots;
}

function readRoots(source: string): readonly string[] {
  try {
    return [...new Set(references(source).map(([root]) => root!))];
  } catch {
    return rootNames;
  }
}

function templateRoots(template: Json): readonly string[] {
  try {
    const sources = expressionsIn(template);
    return sources.length === 1 ? rootsOf(sources[0]!) : [...new Set(sources.flatMap(rootsOf))];
  } catch {
    return rootNames;
  }
}

interface Asked {
  readonly what: string;
  readonly here: Here;
  readonly needed: readonly string[];
}

function answer<T>(state: RunState, { what, here, needed }: Asked, work: (scope: Scope) => T): Answer<T> {
  try {
    return { value: work(scopeOf(state, here, needed)) };
  } catch {
    return explained(state, { what, here, needed }, work);
  }
}

/** Once more with every root, so that the message can name what there is. */
function explained<T>(state: RunState, { what, here }: Asked, work: (scope: Scope) => T): Answer<T> {
  try {
    return { value: work(scopeOf(state, here)) };
  } catch (error) {
    const { message, hint = null } = error as Error & { hint?: string | null };
    const gap = skippedOut(state, message);
    if (gap === null) return { problem: { kind: 'refused', message: `${what}: ${message}`, hint } };
    return {
      problem: {
        kind: 'refused',
        message: `${what}: ${message}; step "${gap.id}" was ${gap.word}`,
        hint: `test steps.${gap.id}.status first, or give this step the same "when"`,
      },
    };
  }
}

/** The step whose missing result the message is about, and why it has none. */
function skippedOut(state: RunState, message: string): { readonly id: string; readonly word: string } | null {
  const id = /"steps\.([a-z][a-z0-9_]*)(?:\.out[^"]*)?" has no "/.exec(message)?.[1];
  const status = id === undefined ? undefined : state.steps[id]?.status;
  if (id === undefined || status === undefined) return null;
  if (status === 'skipped') return { id, word: 'skipped and has no result' };
  if (status === 'failed' || status === 'continued') return { id, word: `not successful (${status}) and has no result` };
  return status === 'ok' || status === 'undone' ? null : { id, word: `not done yet (${status})` };
}
