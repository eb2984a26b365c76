import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Records } from '../../activities/records/records.ts';
import type { Shelf } from '../../runbooks/shelf.ts';
import type { Site } from '../../workflows/domain/site.ts';
import type { Starter } from './starter.ts';

export interface DispatcherOptions {
  /** Over the worker's own NativeConnection, so that a run starts eagerly beside it. */
  readonly client: Client;
  readonly records: Records;
  readonly shelf: Shelf;
  readonly site: () => Site;
  readonly log: Logger;
  readonly now?: () => number;
  /** How often it looks without being woken; also when what was left is swept up. */
  readonly poll_ms?: number;
}

export interface Context extends DispatcherOptions {
  readonly starter: Starter;
}
