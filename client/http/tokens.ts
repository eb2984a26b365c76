import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SecretRef } from '../../workflows/domain/site.ts';

/** Value of a token by its reference; files are read each time, so a rotated token counts at once. */
export function readToken(ref: SecretRef, folder: string, environment: Readonly<Record<string, string | undefined>>): string | null {
  if (ref.from === 'env') return environment[ref.key]?.trim() || null;
  try {
    return readFileSync(resolve(folder, ref.key), 'utf8').trim() || null;
  } catch {
    return null;
  }
}

/** The token of `Authorization: Bearer …`, or `null`. */
export function bearerOf(header: string | undefined): string | null {
  return /^bearer +([\x21-\x7e]{1,512}) *$/i.exec(header ?? '')?.[1] ?? null;
}

/** Takes the same time wherever two tokens differ, and whatever their lengths. */
export function sameToken(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
