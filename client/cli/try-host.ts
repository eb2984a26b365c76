import type { Host, Site } from '../../workflows/domain/site.ts';
import { TocsinError } from '../../activities/platform/errors.ts';
import { dial, type Connection } from '../../activities/platform/ssh/connection.ts';
import type { CredentialOptions } from '../../activities/platform/ssh/credentials.ts';

export interface Tried {
  readonly host: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly problem: string | null;
  readonly next: string | null;
}

/** Connects as a run would, through the same jumps and with the same pinned keys, logs in, and lets go. Runs nothing there. */
export async function tryHost(
  site: Site,
  host: Host,
  options: { readonly timeout_ms: number; readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<Tried> {
  const credentials: CredentialOptions = {
    agent: options.environment['SSH_AUTH_SOCK'] ?? null,
    secret: (name) => options.environment[name],
  };
  const begun = Date.now();
  const open: Connection[] = [];
  try {
    let through: Connection | null = null;
    for (const name of [...host.jump, host.name]) {
      const hop = name === host.name ? host : site.hosts.find((one) => one.name === name);
      if (!hop)
        throw new TocsinError(`connect to "${host.name}": its jump host "${name}" is not in the inventory`, {
          code: 'E-SITE-JUMP',
          hint: 'add it to hosts.yaml, or correct `jump:`',
        });
      const sock = through === null ? null : await through.forward(hop.address, hop.port);
      through = await dial({ host: hop, credentials, sock, ready_timeout_ms: options.timeout_ms, keepalive_ms: 0 });
      open.push(through);
    }
    return { host: host.name, ok: true, ms: Date.now() - begun, problem: null, next: null };
  } catch (error) {
    const ours = error instanceof TocsinError ? error : null;
    return {
      host: host.name,
      ok: false,
      ms: Date.now() - begun,
      problem: error instanceof Error ? error.message : String(error),
      next: ours?.hint ?? null,
    };
  } finally {
    for (const connection of open.reverse()) connection.close();
  }
}
