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
  const found = options.lookup(name);
  if (found === undefined || name === host.name) {
    throw new TocsinError(`Connect to "${host.name}": its jump host "${name}" is ${found === undefined ? 'not in the inventory' : 'the host itself'}`, {
      code: 'E-SSH-JUMP',
      hint: 'Name a host of hosts.yaml as `jump:`',
    });
  }
  const before = host.jump.slice(0, -1);
  const bastion = before.length === 0 ? found : { ...found, jump: before };
  if (bastion.jump.includes(host.name)) {
    throw new TocsinError(`Connect to "${host.name}": its jump hosts lead back to it`, { code: 'E-SSH-JUMP', hint: 'Break the circle of `jump:` in hosts.yaml' });
  }
  const lease = await options.acquire(bastion);
  try {
    return { sock: await lease.connection.forward(host.address, host.port), release: lease.release };
  } catch (error) {
    lease.release();
    throw explainDial(host, new Error(`the jump host "${name}" could not open a way (${(error as Error).message})`), []);
  }
}
