/**
 * Expressions: CEL by `@bufbuild/cel`, behind this one door. Pure and deterministic, so workflows may use it: time is given by
 * the caller, patterns are RE2, and the source and its loops are bounded.
 */
import { isCelError, parse as parseCel, plan, type CelInput } from '@bufbuild/cel';
import type { Json, JsonMap, Moment } from '../domain/words.ts';
import { ExpressionError, quoted } from './cel/error.ts';
import { explain } from './cel/explain.ts';
import { atMoment, environment, functionNames } from './cel/functions.ts';
import { readsOf, referencesOf, type FunctionCall, type Reference } from './cel/references.ts';
import { plainText, shellText, shellWord } from './cel/shell.ts';
import { parts } from './cel/template.ts';
import { fromCel, Instant, Span, toCel, type Reads, type Scope, type ScopeValue } from './cel/values.ts';

export { ExpressionError, functionNames, Instant, Span, parts, shellWord };
export type { FunctionCall, Reference, Scope, ScopeValue };

export interface Expression {
  readonly source: string;
  readonly references: readonly Reference[];
  readonly calls: readonly FunctionCall[];
  readonly reads: Reads;
  readonly run: (data: Record<string, CelInput>) => unknown;
}

export interface EvaluateOptions {
  /** What `now()` gives; `null` or absent: `now()` is refused. */
  readonly now?: Moment | null;
}

const cache = new Map<string, Expression>();
const cacheMax = 500;
const sourceMax = 4_000;

/** Reads an expression once and keeps it. Throws {@link ExpressionError} with the column for what is not CEL. */
export function parse(source: string): Expression {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const expression = read(source);
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value!);
  cache.set(source, expression);
  return expression;
}

function read(source: string): Expression {
  if (source.length > sourceMax) {
    throw new ExpressionError(`cannot read ${quoted(source)}: it has ${source.length} characters, the limit is ${sourceMax}`, {
      code: 'E-EXPR-LIMIT',
      expression: source,
      hint: 'move parts of it into a step of kind set',
    });
  }
  try {
    const parsed = parseCel(source);
    const { references, calls } = referencesOf(parsed.expr!);
    return { source, references, calls, reads: readsOf(references), run: plan(environment, parsed) };
  } catch (error) {
    const { message, location } = error as Error & { location?: { start: { column: number } } };
    const column = location?.start.column ?? null;
    const reason = message.replace(/^<input>:\d+:\d+: /, '').replace(/^found (.+) but expecting .*$/s, '"$1" does not fit here');
    throw new ExpressionError(`cannot read ${quoted(source)}${column === null ? '' : ` at column ${column}`}: ${reason}`, {
      code: 'E-EXPR-SYNTAX',
      expression: source,
      column,
      hint: syntaxHint(source),
    });
  }
}

function syntaxHint(source: string): string {
  if (/(^|[^=!<>])=([^=~]|$)/.test(source)) return 'equality is ==';
  if (/\b(and|or|not)\b/.test(source)) return 'write && for and, || for or, ! for not';
  if (source.includes('${{')) return 'this key takes a bare expression, without ${{ }}';
  return 'expressions are CEL: https://cel.dev';
}

/**
 * The value of an expression, as JSON: whole numbers come back as numbers, durations as `"600s"`, timestamps as RFC 3339.
 * Throws {@link ExpressionError}.
 */
export function evaluate(source: string, scope: Scope, options: EvaluateOptions = {}): Json {
  const expression = parse(source);
  try {
    const data = Object.create(null) as Record<string, CelInput>;
    for (const [root, reads] of expression.reads) {
      // Read once: a root may be a getter that builds its value.
      const value = Object.hasOwn(scope, root) ? scope[root] : undefined;
      if (value !== undefined) data[root] = toCel(value, reads);
    }
    const result = atMoment(options.now ?? null, () => expression.run(data));
    if (isCelError(result)) throw result;
    return fromCel(result as Parameters<typeof fromCel>[0]);
  } catch (error) {
    throw explain({ source, error: error as Error, references: expression.references, scope });
  }
}

/** An expression that must be true or false, as in `when`, `expect`, `match`. Anything else is an error, never a guess. */
export function holds(source: string, scope: Scope, options: EvaluateOptions = {}): boolean {
  const value = evaluate(source, scope, options);
  if (typeof value === 'boolean') return value;
  throw new ExpressionError(`cannot decide by ${quoted(source)}: it gives ${plainText(value).slice(0, 60)}, not true or false`, {
    code: 'E-EXPR-TYPE',
    expression: source,
    hint: 'compare it with something: == != < > in',
  });
}

export interface InterpolateOptions extends EvaluateOptions {
  /** `sh`: every value becomes one quoted word (a list: one word each) for a POSIX shell. */
  readonly quote?: 'sh';
}

/**
 * Fills in `${{ }}` anywhere in a JSON value. A text that is one whole `${{ }}` keeps the value's type; mixed text is a string.
 * `${{ secrets.NAME }}` as a whole value becomes `{"$secret": NAME}`; anywhere else a secret is an error.
 */
export function interpolate(template: Json, scope: Scope, options: InterpolateOptions = {}): Json {
  if (typeof template === 'string') return fill(template, scope, options);
  if (Array.isArray(template)) return template.map((item) => interpolate(item, scope, options));
  if (template === null || typeof template !== 'object') return template;
  const out: JsonMap = {};
  for (const [key, value] of Object.entries(template)) {
    Object.defineProperty(out, key, { value: interpolate(value, scope, options), enumerable: true, configurable: true, writable: true });
  }
  return out;
}

function fill(template: string, scope: Scope, options: InterpolateOptions): Json {
  const pieces = parts(template);
  const only = pieces.length === 1 ? pieces[0]! : null;
  if (only !== null && 'text' in only) return only.text;
  const name = only === null ? null : secretName(only.cel);
  if (name !== null && options.quote === undefined) return { $secret: name };
  const values = pieces.map((piece) => ('text' in piece ? piece : { value: valueOf(piece.cel, template, scope, options) }));
  if (only !== null && options.quote === undefined) return 'value' in values[0]! ? values[0].value : template;
  try {
    return values
      .map((piece) => ('text' in piece ? piece.text : options.quote === 'sh' ? shellText(piece.value) : plainText(piece.value)))
      .join('');
  } catch (error) {
    throw new ExpressionError(`cannot fill in ${quoted(template)}: ${(error as Error).message}`, {
      code: 'E-EXPR-TYPE',
      expression: template,
    });
  }
}

function valueOf(cel: string, template: string, scope: Scope, options: InterpolateOptions): Json {
  if (parse(cel).references.some(({ path }) => path[0] === 'secrets')) {
    const hint = 'write "${{ secrets.NAME }}" alone as the value of a key that takes secrets, such as env, stdin or a header';
    throw new ExpressionError(`cannot fill in ${quoted(template)}: a secret may not be part of a text or an expression`, {
      code: 'E-EXPR-SECRET',
      expression: template,
      hint,
    });
  }
  return evaluate(cel, scope, options);
}

/** NAME when the expression is exactly `secrets.NAME`. */
export function secretName(cel: string): string | null {
  return /^secrets\.([a-z][a-z0-9_]*)$/.exec(cel.trim())?.[1] ?? null;
}

/** Paths an expression reads: `[["steps", "lag", "out", "bytes"]]`. */
export function references(source: string): readonly (readonly string[])[] {
  return parse(source).references.map(({ path }) => path);
}

/** Every expression inside the `${{ }}` of a JSON value, in order. */
export function expressionsIn(template: Json): string[] {
  if (typeof template === 'string') return parts(template).flatMap((piece) => ('cel' in piece ? [piece.cel] : []));
  if (template === null || typeof template !== 'object') return [];
  return Object.values(template).flatMap((value) => expressionsIn(value as Json));
}
