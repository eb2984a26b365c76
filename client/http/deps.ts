import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Records } from '../../activities/records/records.ts';
import type { Shelf } from '../../runbooks/shelf.ts';
import type { SecretRef, Site } from '../../workflows/domain/site.ts';

export interface ServerDeps {
  /** The site as read last. */
  readonly site: () => Site;
  readonly records: Records;
  readonly library: Shelf;
  /** Connects at the first call. @throws TocsinError `E-ENGINE-DOWN` */
  readonly temporal: () => Promise<Client>;
  readonly log: Logger;
  /** The value of a token, or `null` when it cannot be read. */
  readonly secret: (ref: SecretRef) => string | null;
  /** Why requests cannot be served yet (records not migrated …), or `null`. */
  readonly waiting?: () => string | null;
  /** Draws the report of an incident that has none yet. */
  readonly report?: (incident: string) => Promise<{ readonly md: string; readonly html: string }>;
  readonly limits?: {
    /** Requests per second and source, and how many may come at once. */
    readonly rate?: number;
    readonly burst?: number;
    /** Time a sender has for its whole request. */
    readonly request_ms?: number;
  };
}
