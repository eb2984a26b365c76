import type { Json, JsonMap } from '../domain/words.ts';
import { evaluate, holds, interpolate } from './cel.ts';
import type { Problem } from './run.ts';
import { scopeOf, type Here } from './scope.ts';
import type { RunState } from './state.ts';

/** A value, or why there is none. */
export type Answer<T> = { readonly value: T } | { readonly problem: Problem };

/** `what` names the key for the message: `when of step "lag"`. */
export function isTrue(state: RunState, source: string, what: string, here: Here = {}): Answer<boolean> {
  return answer(state, what, () => holds(source, scopeOf(state, here), { now: state.now }));
}

export function valueOf(state: RunState, source: string, what: string, here: Here = {}): Answer<Json> {
  return answer(state, what, () => evaluate(source, scopeOf(state, here), { now: state.now }));
}

export function filled(state: RunState, template: Json, what: string, here: Here = {}, quote?: 'sh'): Answer<Json> {
  if (!hasExpression(template)) return { value: template };
  return answer(state, what, () => interpolate(template, scopeOf(state, here), quote === undefined ? { now: state.now } : { now: state.now, quote }));
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

function answer<T>(state: RunState, what: string, work: () => T): Answer<T> {
  try {
    return { value: work() };
  } catch (error) {
    const { message, hint = null } = error as Error & { hint?: string | null };
    const gap = skippedOut(state, message);
    if (gap === null) return { problem: { kind: 'refused', message: `${what}: ${message}`, hint } };
    return { problem: { kind: 'refused', message: `${what}: ${message}; step "${gap.id}" was ${gap.word}`, hint: `test steps.${gap.id}.status first, or give this step the same "when"` } };
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
