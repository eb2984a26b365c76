import { holds, Span, type ScopeValue } from '../../workflows/core/cel.ts';
import type { InputSpec, Plan } from '../../workflows/core/plan.ts';
import { durationMs } from '../../workflows/domain/duration.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { Json, JsonMap } from '../../workflows/domain/words.ts';

interface BoundInputs {
  readonly inputs: JsonMap;
  readonly problems: readonly string[];
}

/** Longest text an input may hold. */
const textMax = 65_536;

export function bindInputs(plan: Plan, given: { readonly [name: string]: Json }): BoundInputs {
  const problems: string[] = [];
  const inputs: JsonMap = {};
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(plan.inputs, name)) continue;
    const near = nearest(name, Object.keys(plan.inputs));
    problems.push(`it has no input "${name}"${near === null ? '' : `, did you mean "${near}"?`}`);
  }
  for (const [name, spec] of Object.entries(plan.inputs)) {
    const value = Object.hasOwn(given, name) ? given[name]! : null;
    const { value: read, problem } = value === null ? absent(name, spec) : checkInput(name, spec, value);
    if (problem !== null) problems.push(problem);
    inputs[name] = read;
  }
  return { inputs, problems };
}

interface Read {
  readonly value: Json;
  readonly problem: string | null;
}

function absent(name: string, spec: InputSpec): Read {
  if (spec.default !== null) return checkInput(name, spec, spec.default);
  return { value: null, problem: spec.required ? `input "${name}" is required` : null };
}

/** The value as its type, or what is wrong with it. */
export function checkInput(name: string, spec: InputSpec, given: Json): Read {
  const value = readAs(spec.type, given);
  const bad = (problem: string) => ({ value: null, problem: `input "${name}" ${problem}, not ${JSON.stringify(given)?.slice(0, 80)}` });
  if (value === null) return bad(`must be ${typeWords[spec.type]}`);
  if (spec.enum !== null && !spec.enum.includes(value)) {
    const near = nearest(String(given), spec.enum.map(String));
    return bad(`must be one of ${spec.enum.join(', ')}${near === null ? '' : ` (did you mean "${near}"?)`}`);
  }
  if (typeof value === 'string' && value.length > textMax)
    return { value: null, problem: `input "${name}" has ${value.length} characters, the limit is ${textMax}` };
  if (spec.pattern !== null && !holds(`value.matches(pattern)`, { value: String(value), pattern: spec.pattern }))
    return bad(`must match ${spec.pattern}`);
  const size = sizeOf(spec, value);
  if (spec.min !== null && size !== null && size < spec.min) return bad(`must be at least ${spec.min}${sizeUnit(spec)}`);
  if (spec.max !== null && size !== null && size > spec.max) return bad(`must be at most ${spec.max}${sizeUnit(spec)}`);
  return { value, problem: null };
}

const typeWords: Readonly<Record<InputSpec['type'], string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  duration: 'a duration such as 10m',
};

function readAs(type: InputSpec['type'], given: Json): Json {
  if (type === 'string') return typeof given === 'string' ? given : null;
  if (type === 'boolean') return typeof given === 'boolean' ? given : given === 'true' ? true : given === 'false' ? false : null;
  if (type === 'duration') return typeof given === 'string' && durationMs(given) !== null ? given : null;
  const number = typeof given === 'string' && /^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  return type === 'int' && !Number.isSafeInteger(number) ? null : number;
}

/** Length of a text, seconds of a duration, the number itself. */
function sizeOf({ type }: InputSpec, value: Json): number | null {
  if (type === 'duration') return durationMs(value as string)! / 1_000;
  if (typeof value === 'string') return [...value].length;
  return typeof value === 'number' ? value : null;
}

function sizeUnit({ type }: InputSpec): string {
  if (type === 'duration') return ' seconds';
  return type === 'string' ? ' characters' : '';
}

/** Inputs as expressions see them: a duration is a CEL duration. */
export function inputScope(plan: Pick<Plan, 'inputs'>, inputs: JsonMap): { readonly [name: string]: ScopeValue } {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const ms = plan.inputs[name]?.type === 'duration' && typeof value === 'string' ? durationMs(value) : null;
      return [name, ms === null ? value : new Span(ms)];
    }),
  );
}
