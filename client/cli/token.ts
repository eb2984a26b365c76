import { readToken } from '../http/tokens.ts';
import type { Site } from '../../workflows/domain/site.ts';
import { TocsinError } from '../../activities/platform/errors.ts';

export interface TokenFrom {
  readonly site: Pick<Site, 'folder' | 'operator_token'>;
  /** Given from outside, wins over the reference. */
  readonly token: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The operator token: `TOCSIN_TOKEN`, else the site's reference. Throws `E-LOGIN`. */
export function tokenOf(from: TokenFrom): string {
  if (from.token) return from.token;
  const { from: where, key } = from.site.operator_token;
  const value = readToken(from.site.operator_token, from.site.folder, from.environment);
  if (value) return value;
  const place = where === 'env' ? `the variable ${key} is not set` : `the file ${key} cannot be read or is empty`;
  throw new TocsinError(`no operator token: ${place}`, {
    code: 'E-LOGIN',
    hint: `${where === 'env' ? `export ${key}=…` : `write the token into ${key}`}   or   export TOCSIN_TOKEN=…`,
  });
}
