import type { Duplex } from 'node:stream';
import type { Host } from '../../../workflows/domain/site.ts';
import { TocsinError } from '../errors.ts';
import { explainDial } from './errors.ts';
import type { Lease } from './group.ts';

export interface ThroughOptions {
  readonly host: Host;
  readonly lookup: (name: string) => Host | undefined;
  /** A lease on a connection to the bastion, held as long as the stream lives. */
  readonly acquire: (bastion: Host) => Promise<Lease>;
}

/** `null` for a host that is reached directly. The bastion's own way: the names before it, or its own `jump` when it is the first. */
export async function through(options: ThroughOptions): Promise<{ readonly sock: Duplex; readonly release: () => void } | null> {
  const { host } = options;
  const name = host.jump.at(-1);
  if (name === undefined) return null;
  const bastion = bastionOf(host, options.lookup);
  const lease = await options.acquire(bastion);
  try {
    return { sock: await lease.connection.forward(host.address, host.port), release: lease.release };
  } catch (error) {
    lease.release();
    throw explainDial(host, new Error(`the jump host "${name}" could not open a way (${(error as Error).message})`), []);
  }
}

/** The last jump host, with the way to it; the whole way is walked first, since a circle would wait for itself. */
function bastionOf(host: Host, lookup: (name: string) => Host | undefined): Host {
  const seen = [host.name];
  let first: Host | null = null;
  for (let at = host; at.jump.length > 0;) {
    const name = at.jump.at(-1)!;
    const found = lookup(name);
    if (found === undefined) {
      throw new TocsinError(`Connect to "${host.name}": its jump host "${name}" is not in the inventory`, {
        code: 'E-SSH-JUMP',
        hint: 'Name a host of hosts.yaml as `jump:`',
      });
    }
    if (seen.includes(name)) {
      throw new TocsinError(`Connect to "${host.name}": its jump hosts lead in a circle (${[...seen, name].join(' → ')})`, {
        code: 'E-SSH-JUMP',
        hint: 'Break the circle of `jump:` in hosts.yaml',
      });
    }
    seen.push(name);
    const before = at.jump.slice(0, -1);
    at = before.length === 0 ? found : { ...found, jump: before };
    first ??= at;
  }
  return first!;
}
