import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Site } from '../../workflows/domain/site.ts';
import { TocsinError } from '../../activities/platform/errors.ts';

export interface TokenFrom {
  readonly site: Pick<Site, 'folder' | 'operator_token'>;
  readonly token: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The operator token: `TOCSIN_TOKEN`, else the site's reference. Throws `E-LOGIN`. */
export function tokenOf(from: TokenFrom): string {
  if (from.token) return from.token;
  const { from: where, key } = from.site.operator_token;
  const value = where === 'env' ? from.environment[key] : fromFile(resolve(from.site.folder, key));
  if (value) return value;
  const place = where === 'env' ? `the variable ${key} is not set` : `the file ${key} cannot be read or is empty`;
  throw new TocsinError(`no operator token: ${place}`, { code: 'E-LOGIN', hint: where === 'env' ? `export ${key}=…   or   export TOCSIN_TOKEN=…` : `tocsin up writes ${key} on its first start; or export TOCSIN_TOKEN=…` });
}

function fromFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
