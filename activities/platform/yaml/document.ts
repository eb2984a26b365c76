import type { Json } from '../../../workflows/domain/words.ts';

/** Where a value stands. `flow`: inside `{ }`. `bare`: a key without a value. `plain`: a text without quotes. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly flow?: boolean;
  readonly bare?: boolean;
  readonly plain?: boolean;
}

/** Something wrong with the text itself. */
export interface Flaw {
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface Document {
  /** `null` also when there are flaws or the file is empty. */
  readonly value: Json;
  /** By {@link pointer}; the place of a map's entry is that of its key. */
  readonly places: { readonly [pointer: string]: Place };
  readonly flaws: readonly Flaw[];
}

export type Path = readonly (string | number)[];

/** JSON pointer: `/steps/0/ssh/run`. */
export function pointer(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The nearest known place at or above a path. */
export function placeOf(document: Document, path: Path): Place {
  for (let length = path.length; length >= 0; length--) {
    const place = document.places[pointer(path.slice(0, length))];
    if (place !== undefined) return place;
  }
  return { line: 1, column: 1 };
}
