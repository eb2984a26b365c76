import { TocsinError } from '../platform/errors.ts';
import type { Site } from '../../workflows/domain/site.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * `HOST:PORT`, `[v6]:PORT`, or a node's name in place of HOST. Names of nodes become their addresses.
 * @throws TocsinError E-PROBE-TARGET
 */
export function addressOf(target: string, site: Site, defaultPort: number | null): Address {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/[\]]+))(?::(\d{1,5}))?$/.exec(target.trim());
  const host = found?.[1] ?? found?.[2];
  const port = found?.[3] === undefined ? defaultPort : Number(found[3]);
  if (host === undefined || host.startsWith('-') || port === null || port < 1 || port > 65_535) {
    throw new TocsinError(`Reading probe target "${target}" failed: it is not HOST:PORT`, {
      code: 'E-PROBE-TARGET',
      hint: 'Write for example "db-1:5432"',
    });
  }
  return { host: site.hosts.find((known) => known.name === host)?.address ?? host, port };
}

/** A host alone, for `ping`. */
export function hostOnly(target: string, site: Site): string {
  const name = target.trim().replace(/^\[(.*)\]$/, '$1');
  const address = site.hosts.find((known) => known.name === name)?.address ?? name;
  if (!/^[0-9A-Za-z_][0-9A-Za-z_.:%-]*$/.test(address)) {
    throw new TocsinError(`Reading probe target "${target}" failed: it is not a host name or an address`, {
      code: 'E-PROBE-TARGET',
      hint: 'Write for example "db-1" or "10.0.0.7"',
    });
  }
  return address;
}
