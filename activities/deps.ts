import type { Logger } from 'pino';
import type { Site } from '../workflows/domain/site.ts';
import type { SshPool } from './platform/ssh/pool.ts';
import type { Records } from './records/records.ts';
import type { Mailer } from './notify/mailer.ts';

/** What hands are given; made once in `worker/deps.ts`. */
export interface Deps {
  /** The site as read last; a changed file is seen by the next act. */
  readonly site: () => Site;
  readonly ssh: SshPool;
  readonly records: Records;
  readonly mailer: Mailer;
  readonly log: Logger;
  readonly now: () => number;
}
