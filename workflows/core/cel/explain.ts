import { nearest } from '../../domain/nearest.ts';
import { ExpressionError, quoted } from './error.ts';
import { functionNames } from './functions.ts';
import type { Reference } from './references.ts';
import type { Scope, ScopeValue } from './values.ts';

interface Failure {
  readonly source: string;
  readonly error: Error & { readonly exprId?: bigint | undefined };
  readonly references: readonly Reference[];
  readonly scope: Scope;
}

/** The library's failure in words of the person who wrote the expression. */
export function explain(failure: Failure): ExpressionError {
  const { message } = failure.error;
  const fault = missing(failure) ?? unknownFunction(message) ?? overload(message) ?? other(message);
  return new ExpressionError(`cannot evaluate ${quoted(failure.source)}: ${fault.message}`, {
    code: fault.code,
    expression: failure.source,
    hint: fault.hint,
  });
}

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

function missing({ error, references, scope }: Failure): Fault | null {
  if (!/^(field not found|unresolved attribute)/.test(error.message)) return null;
  const absent = references.map((reference) => ({ reference, gap: gapOf(reference, scope) })).filter((each) => each.gap !== null);
  const hit = absent.find(({ reference }) => error.exprId !== undefined && reference.ids.has(error.exprId)) ?? absent[0];
  if (hit === undefined || hit.gap === null) {
    const key = error.message.replace(/^field not found: /, '');
    return { code: 'E-EXPR-MISSING', message: `there is no "${key}"`, hint: 'test it first with has(…)' };
  }
  const { path } = hit.reference;
  const { at, known, type } = hit.gap;
  const near = nearest(path[at]!, known);
  if (at === 0) {
    return {
      code: 'E-EXPR-MISSING',
      message: `nothing is called "${path[0]}" here`,
      hint: near === null ? `known names: ${listed(known)}` : `did you mean "${near}"?`,
    };
  }
  const parent = path.slice(0, at).join('.');
  if (type !== null)
    return { code: 'E-EXPR-TYPE', message: `"${parent}" is ${type} and has no "${path[at]}"`, hint: `use "${parent}" itself` };
  const test = `has(${path.slice(0, at + 1).join('.')})`;
  const hint =
    near === null
      ? `known keys: ${listed(known)}; test it first with ${test}`
      : `did you mean "${near}"? If it may be absent, test it first with ${test}`;
  return { code: 'E-EXPR-MISSING', message: `"${parent}" has no "${path[at]}"`, hint };
}

/** The first key of the path that has no value, and what is there instead. */
function gapOf(
  reference: Reference,
  scope: Scope,
): { readonly at: number; readonly known: readonly string[]; readonly type: string | null } | null {
  let value: ScopeValue | undefined = scope as { readonly [key: string]: ScopeValue };
  for (const [at, key] of reference.path.entries()) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return { at, known: [], type: typeName(value) };
    const level = value as { readonly [key: string]: ScopeValue };
    if (!Object.hasOwn(level, key) || level[key] === undefined) return { at, known: Object.keys(level), type: null };
    value = level[key];
  }
  return null;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return `a ${typeof value}`;
}

function unknownFunction(message: string): Fault | null {
  const name = /^unbound function: (.+)$/.exec(message)?.[1];
  if (name === undefined) return null;
  const near = nearest(name, functionNames);
  return {
    code: 'E-EXPR-TYPE',
    message: `there is no function "${name}"`,
    hint: near === null ? `functions: ${listed([...functionNames])}` : `did you mean "${near}"?`,
  };
}

function overload(message: string): Fault | null {
  const found = /^found no matching overload for '?([^' ]+)'? applied to '(.*)'$/.exec(message);
  if (found === null) return null;
  const name = found[1]!.replaceAll('_', '').replace('@', '').replace('?:', '? :');
  const types = found[2]!.replace(/google\.protobuf\.(Duration|Timestamp)/g, (_, word: string) => word.toLowerCase());
  const hint = types.includes('null')
    ? 'a value is null here; test it with == null first'
    : 'convert with int(…), double(…), string(…), duration("90s") or timestamp(…)';
  return { code: 'E-EXPR-TYPE', message: `"${name}" does not take ${types}`, hint };
}

function other(message: string): Fault {
  if (message.includes('parse duration'))
    return { code: 'E-EXPR-TYPE', message: 'a duration cannot be read', hint: 'CEL knows h, m, s and ms; a week is duration("168h")' };
  if (message.includes('parse timestamp'))
    return { code: 'E-EXPR-TYPE', message: 'a timestamp cannot be read', hint: 'write timestamp("2026-11-24T06:00:00Z")' };
  if (message.includes('parsing regexp'))
    return { code: 'E-EXPR-TYPE', message, hint: 'patterns are RE2: no look-ahead, no back-reference' };
  if (message.includes('out of bounds'))
    return { code: 'E-EXPR-MISSING', message: message.replace(/ \[0.*/, ''), hint: 'test the length first with size(…)' };
  return { code: 'E-EXPR-TYPE', message, hint: null };
}

function listed(words: readonly string[]): string {
  if (words.length === 0) return '(none)';
  return words.length > 12 ? `${words.slice(0, 12).join(', ')}, …` : words.join(', ');
}
