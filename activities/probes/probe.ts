import type { Host, Site } from '../../workflows/domain/site.ts';
import type { ExecRequest, ExecResult } from '../platform/ssh/exec.ts';

/** What a probe saw. `detail` says why not, or what answered. */
export interface Seen {
  readonly up: boolean;
  /** Milliseconds until the answer, or until it gave up. */
  readonly ms: number;
  readonly detail: string | null;
}

export interface Look {
  readonly target: string;
  readonly site: Site;
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
}

export interface LookFrom extends Look {
  readonly host: Host;
  readonly ssh: { readonly exec: (host: Host, request: ExecRequest) => Promise<ExecResult> };
}

/** One way to see whether something answers. Throws `TocsinError` only if it could not look at all. */
export interface Probe {
  readonly look: (look: Look) => Promise<Seen>;
  /** The same by a command on a node, over ssh. */
  readonly lookFrom: (look: LookFrom) => Promise<Seen>;
}
