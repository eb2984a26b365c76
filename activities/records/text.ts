/** PostgreSQL text and jsonb hold no NUL and no half surrogate; both become U+FFFD, so that hostile bytes never lose a record. */
export function toText(value: string): string {
  return value.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

export function toTextOrNull(value: string | null | undefined): string | null {
  return value === null || value === undefined ? null : toText(value);
}

/** JSON text that jsonb accepts. */
export function toJsonb(value: unknown): string {
  const plain = JSON.stringify(value) ?? 'null';
  if (!/\\u(?:0000|d[89a-f])/i.test(plain)) return plain;
  return (
    JSON.stringify(value, (_key, item: unknown) => {
      if (typeof item === 'string') return toText(item);
      if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
      return Object.fromEntries(Object.entries(item).map(([key, inner]) => [toText(key), inner]));
    }) ?? 'null'
  );
}

export function toJsonbOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : toJsonb(value);
}

/** Milliseconds to what `pg` sends as timestamptz. */
export function toDate(moment: number | null | undefined): Date | null {
  return moment === null || moment === undefined ? null : new Date(moment);
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `before` for the following page; `null` = the end. */
  readonly next: number | null;
}

export interface PageOptions {
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** Cuts `limit + 1` rows into a page. */
export function toPage<T>(rows: readonly T[], limit: number, position: (row: T) => number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? position(last) : null };
}

export function clampLimit(limit: number | undefined): number {
  return Math.min(Math.max(Math.trunc(limit ?? 50), 1), 500);
}
