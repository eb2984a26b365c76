import { readFileSync } from 'node:fs';
import type { SecretRef } from '../../workflows/domain/site.ts';
import type { Json, JsonMap } from '../../workflows/domain/words.ts';
import { TocsinError } from './errors.ts';

/** Secrets a plan names, by their names. */
export type SecretRefs = Readonly<Record<string, SecretRef>>;

const mark = '$secret';
const stars = '***';
/** Shorter values would blot out innocent text. */
const shortest = 4;

/** `{"$secret": name}` as the machine leaves it in arguments. */
export function secretNameIn(value: Json): string | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const name = value[mark];
  return typeof name === 'string' && Object.keys(value).length === 1 ? name : null;
}

/** The arguments with every reference replaced by `of(name)`. */
export function replaceSecrets(args: JsonMap, of: (name: string) => string): JsonMap {
  return replace(args, of) as JsonMap;
}

function replace(value: Json, of: (name: string) => string): Json {
  const name = secretNameIn(value);
  if (name !== null) return of(name);
  if (Array.isArray(value)) return value.map((item) => replace(item, of));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item, of)]));
}

/**
 * Value of a secret, read at the last moment: from the worker's environment, or from a file without its last line break.
 * @throws TocsinError E-SECRET
 */
export function readSecret(name: string, refs: SecretRefs): string {
  const ref = refs[name];
  if (ref === undefined)
    throw new TocsinError(`Reading secret "${name}" failed: the plan does not name it`, {
      code: 'E-SECRET',
      hint: `Add "${name}" under "secrets" of the runbook`,
    });
  const value = ref.from === 'env' ? process.env[ref.key] : readOrNothing(ref.key);
  if (value !== undefined && value !== '') return value;
  const where =
    ref.from === 'env' ? `environment variable "${ref.key}" of the worker is not set` : `file "${ref.key}" cannot be read or is empty`;
  throw new TocsinError(`Reading secret "${name}" failed: ${where}`, {
    code: 'E-SECRET',
    hint: 'Set it where the worker runs, then retry the step',
  });
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

/** The arguments with the secrets' values in place. */
export function withSecrets(args: JsonMap, refs: SecretRefs): JsonMap {
  return replaceSecrets(args, (name) => readSecret(name, refs));
}

/** Hides the values of these secrets in everything that leaves a hand: text, result, error, heartbeat. */
export function maskerOf(refs: SecretRefs): <T>(value: T) => T {
  const values = Object.keys(refs)
    .flatMap((name) => readable(name, refs))
    .sort((a, b) => b.length - a.length);
  if (values.length === 0) return (value) => value;

  function mask(value: unknown): unknown {
    if (typeof value === 'string') return values.reduce((text, secret) => text.replaceAll(secret, stars), value);
    if (Array.isArray(value)) return value.map(mask);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), mask(item)]));
  }

  return (value) => mask(value) as typeof value;
}

function readable(name: string, refs: SecretRefs): readonly string[] {
  try {
    const value = readSecret(name, refs);
    // Vendors echo what was sent in other spellings too.
    const spellings = [value, encodeURIComponent(value), Buffer.from(value).toString('base64'), JSON.stringify(value).slice(1, -1)];
    return [...new Set(spellings)].filter((text) => text.length >= shortest);
  } catch {
    return [];
  }
}
