import type { Json } from '../../workflows/domain/words.ts';
import { limits } from './limits.ts';

export interface ReadMap {
  readonly map: { readonly [key: string]: string };
  /** Number of entries left out because there were too many or their key was impossible. */
  readonly left_out: number;
}

/** A string map of at most 64 entries. Built as own properties, so that a key like `__proto__` stays a key. */
export function readMap(raw: Json | undefined, clean: (text: string, max?: number) => string): ReadMap {
  if (raw === null || raw === undefined || typeof raw !== 'object' || Array.isArray(raw)) return { map: {}, left_out: 0 };
  const entries: [string, string][] = [];
  let left_out = 0;
  for (const key of Object.keys(raw)) {
    const value = raw[key];
    if (key === '' || key === '__proto__' || entries.length >= limits.labels || value === undefined || value === null) left_out += 1;
    else entries.push([clean(key, limits.key_chars), clean(typeof value === 'object' ? JSON.stringify(value) : String(value))]);
  }
  return { map: Object.fromEntries(entries), left_out };
}

/** An RFC 3339 text or milliseconds; the year 0001 of Go's zero time, nonsense and absence are `null`. */
export function readMoment(raw: Json | undefined): number | null {
  const value = typeof raw === 'number' ? raw : typeof raw === 'string' ? Date.parse(raw) : Number.NaN;
  // Within what both JavaScript and PostgreSQL hold, up to the year 9999.
  return Number.isFinite(value) && value > 0 && value < 253_402_300_800_000 ? Math.trunc(value) : null;
}

export function readText(raw: Json | undefined): string | null {
  if (typeof raw === 'string') return raw;
  return typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : null;
}

export function readLinks(raw: readonly (Json | undefined)[], clean: (text: string, max?: number) => string): readonly string[] {
  const links = raw.filter((link): link is string => typeof link === 'string' && link !== '' && link.length <= limits.link_chars);
  return [...new Set(links.map((link) => clean(link, limits.link_chars)))].slice(0, limits.links);
}
