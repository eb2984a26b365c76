import { z } from 'zod';
import { kinds, type Kind } from './kinds/index.ts';
import { check, question, reaction } from './shapes/call.ts';
import { drill, inject, score } from './shapes/drill.ts';
import { tier } from './shapes/escalation.ts';
import { input } from './shapes/input.ts';
import { retry } from './shapes/retry.ts';
import { runbook, secret } from './shapes/runbook.ts';
import { onFailure, step } from './shapes/step.ts';
import { target } from './shapes/target.ts';
import { triggerShapes } from './shapes/trigger.ts';

interface Property {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly anyOf?: readonly Property[];
  readonly items?: Property;
  readonly properties?: { readonly [key: string]: Property };
  readonly additionalProperties?: unknown;
}

/** Tables of the language's page by name, each drawn from a shape, so that the page cannot fall behind. */
export function tables(): Readonly<Record<string, string>> {
  const shapes: Readonly<Record<string, z.ZodType>> = {
    runbook,
    input,
    secret,
    target,
    step,
    retry,
    question,
    check,
    reaction,
    on_failure: onFailure,
    tier,
    drill,
    inject,
    score,
    ...prefixed(triggerShapes),
  };
  const nouns = Object.entries(shapes).map(
    ([name, shape]) => [name, table(shape, (key) => name === 'runbook' || !kinds.has(key))] as const,
  );
  const acts = [...kinds.values()].map((kind) => [`kind_${kind.id}`, table(kind.shape, () => true)] as const);
  return { ...Object.fromEntries([...nouns, ...acts]), kinds: kindsTable() };
}

function prefixed(shapes: typeof triggerShapes): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`trigger_${name}`, shape]));
}

/** A table of the keys of a shape. */
export function table(shape: z.ZodType, wanted: (key: string) => boolean = () => true): string {
  const schema = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Property & {
    readonly required?: readonly string[];
  };
  if (schema.properties === undefined) return `${schema.description ?? 'A map'}.\n`;
  const rows = Object.entries(schema.properties)
    .filter(([key]) => wanted(key))
    .map(([key, property]) => {
      const must = schema.required?.includes(key) === true;
      return `| \`${key}\` | ${form(property)} | ${must ? '**required**' : standard(shape, key)} | ${property.description ?? ''} |`;
    });
  return ['| Key | Form | Default | Meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function form(property: Property): string {
  const { type, title, enum: words, anyOf, items, properties } = property;
  if (property.const !== undefined) return `\`${String(property.const)}\``;
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(' ');
  if (title !== undefined) return title;
  if (anyOf !== undefined) return [...new Set(anyOf.map(form))].join(' or ');
  if (Array.isArray(type)) return type.map((each: string) => form({ type: each })).join(' or ');
  if (type === 'array')
    return items?.properties !== undefined ? 'list of maps' : `list of ${items === undefined ? 'anything' : form(items)}`;
  if (type === 'object' && properties !== undefined) {
    const keys = Object.keys(properties);
    return keys.includes('approve') ? `a kind, with ${keys.filter((key) => !kinds.has(key)).join(', ')}` : `map (${keys.join(', ')})`;
  }
  const plain: Readonly<Record<string, string>> = {
    object: 'map',
    string: 'text',
    integer: 'whole number',
    number: 'number',
    boolean: 'true or false',
  };
  return plain[String(type)] ?? 'anything';
}

/** Read from the shape: the schema leaves a default out where the value is changed on the way in. */
function standard(shape: z.ZodType, key: string): string {
  const keys = (shape._zod.def as { shape?: Record<string, z.ZodType> }).shape;
  const own = keys?.[key];
  if ((own?._zod.def as { defaultValue?: unknown } | undefined)?.defaultValue === undefined) return '';
  const value = own!.safeParse(undefined).data ?? null;
  if (Array.isArray(value) && value.length === 0) return 'none';
  if (value !== null && typeof value === 'object' && Object.keys(value).length === 0) return 'none';
  return `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}

function kindsTable(): string {
  const row = ({ id, words, where, idempotent, timeout_ms, risk }: Kind) =>
    `| \`${id}\` | ${words.en.title} · ${words.zh.title} | ${where === 'hand' ? 'a hand' : 'the run itself'} | \`${risk({})}\` | ${idempotent || risk({}) === 'read' ? 'yes' : 'no'} | ${timeout_ms === null ? 'none' : `${timeout_ms / 1000}s`} |`;
  return [
    '| Kind | Name | Done by | Risk | Repeatable | Time-out |',
    '|---|---|---|---|---|---|',
    ...[...kinds.values()].map(row),
    '',
  ].join('\n');
}

const marker = /<!-- table: (\w+) -->\n[\s\S]*?<!-- end -->/g;

/** A page with every table drawn anew. Throws when a marker names no table. */
export function withTables(page: string, all: Readonly<Record<string, string>>): string {
  return page.replace(marker, (_, name: string) => {
    const text = all[name];
    if (text === undefined)
      throw new Error(`the page asks for the table "${name}", which there is none of; there is ${Object.keys(all).join(', ')}`);
    return `<!-- table: ${name} -->\n${text}<!-- end -->`;
  });
}
