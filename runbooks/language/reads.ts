import { expressionsIn, parse, type Reference } from '../../workflows/core/cel.ts';
import type { Json } from '../../workflows/domain/words.ts';

/** What an expression reads; nothing when it cannot be parsed (the linter says so). */
export function referencesSafely(source: string | null): readonly Reference[] {
  if (source === null) return [];
  try {
    return parse(source).references;
  } catch {
    return [];
  }
}

export function readsSafely(source: string | null): readonly (readonly string[])[] {
  return referencesSafely(source).map(({ path }) => path);
}

export function expressionsSafely(template: Json): string[] {
  try {
    return expressionsIn(template);
  } catch {
    return [];
  }
}

export function readsInTemplate(template: Json): (readonly string[])[] {
  return expressionsSafely(template).flatMap((source) => [...readsSafely(source)]);
}
