import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { Moment } from '../../workflows/domain/words.ts';
import { toDate } from './text.ts';

export interface LinkRow {
  readonly purpose: 'acknowledge';
  readonly incident: string;
  readonly person: string;
  readonly expires_at: Moment;
  readonly used_at: Moment | null;
  readonly created_at: Moment;
}

export interface LinkRecords {
  /** Token of 256 bits for a URL; only its hash is kept, so it is shown once. */
  create(link: {
    readonly purpose: 'acknowledge';
    readonly incident: string;
    readonly person: string;
    readonly expires_at: Moment;
  }): Promise<string>;
  /** Keeps a token made elsewhere (derived, so that a retried mail carries the same link). */
  keep(
    token: string,
    link: { readonly purpose: 'acknowledge'; readonly incident: string; readonly person: string; readonly expires_at: Moment },
  ): Promise<void>;
  /** The link as it stands, used or expired too; `null` when there is none. */
  find(token: string): Promise<LinkRow | null>;
  /** Marks it used; false when it was used before, has expired or does not exist. */
  use(token: string): Promise<boolean>;
}

export function createLinks(pool: Pool): LinkRecords {
  const keep: LinkRecords['keep'] = async (token, link) => {
    await pool.query(
      'insert into link (token_sha256, purpose, incident, person, expires_at) values ($1, $2, $3, $4, $5) on conflict (token_sha256) do nothing',
      [hash(token), link.purpose, link.incident, link.person, toDate(link.expires_at)],
    );
  };
  return {
    async create(link) {
      const token = randomBytes(32).toString('base64url');
      await keep(token, link);
      return token;
    },
    keep,
    async find(token) {
      return (
        (
          await pool.query<LinkRow>('select purpose, incident, person, expires_at, used_at, created_at from link where token_sha256 = $1', [
            hash(token),
          ])
        ).rows[0] ?? null
      );
    },
    async use(token) {
      return (
        (
          await pool.query('update link set used_at = now() where token_sha256 = $1 and used_at is null and expires_at > now()', [
            hash(token),
          ])
        ).rowCount === 1
      );
    },
  };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
