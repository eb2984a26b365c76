import { readFileSync, statSync } from 'node:fs';
import type { Host } from '../../../workflows/domain/site.ts';
import { TocsinError } from '../errors.ts';
import { entriesFor, fingerprint, keyType, parseKnownHosts, parsePublicKey, type KnownHost } from './known-hosts.ts';

/** What is pinned for one host, and the judge of the key it presents. */
export interface Pinned {
  /** Key types to ask the server for; empty when nothing is pinned. */
  readonly types: readonly string[];
  /** `null` = the key is the pinned one; otherwise why we do not go on. */
  readonly judge: (key: Buffer) => TocsinError | null;
}

/** Pins from the inventory win; `known_hosts` is read only when the inventory has none. */
export function pinnedFor(host: Host): Pinned {
  const keys = host.host_keys.map((text) => {
    const key = parsePublicKey(text);
    if (key !== null) return key;
    throw new TocsinError(`Read host key of "${host.name}": "${text.slice(0, 40)}" is not a public key`, {
      code: 'E-SSH-HOSTKEY-FORM',
      hint: `Write it as "ssh-ed25519 AAAA…", or fetch it with: tocsin hosts pin ${host.name}`,
    });
  });
  const entries =
    keys.length > 0 || host.known_hosts === null ? [] : entriesFor(readKnownHosts(host.known_hosts), [host.name, host.address], host.port);
  const revoked = entries.filter((entry) => entry.marker === 'revoked').map((entry) => entry.key);
  const good = [...keys, ...entries.filter((entry) => entry.marker === 'plain').map((entry) => entry.key)];
  const onlyAuthority = good.length === 0 && entries.some((entry) => entry.marker === 'ca');
  return {
    types: [...new Set(good.map(keyType))],
    judge: (key) => {
      if (revoked.some((bad) => bad.equals(key))) return revokedKey(host, key);
      if (good.some((pin) => pin.equals(key))) return null;
      if (onlyAuthority) return authorityOnly(host, key);
      return good.length === 0 ? unknownKey(host, key) : changedKey(host, key, good);
    },
  };
}

const files = new Map<string, { readonly stamp: string; readonly entries: readonly KnownHost[] }>();

function readKnownHosts(path: string): readonly KnownHost[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  const stamp = `${stat.mtimeMs}:${stat.size}:${stat.ino}`;
  const known = files.get(path);
  if (known?.stamp === stamp) return known.entries;
  const entries = parseKnownHosts(readFileSync(path, 'utf8'));
  files.set(path, { stamp, entries });
  return entries;
}

function where(host: Host): string {
  return `"${host.name}" (${host.address}:${host.port})`;
}

function unknownKey(host: Host, key: Buffer): TocsinError {
  return new TocsinError(`Connect to ${where(host)}: its host key is not known; it presented ${keyType(key)} ${fingerprint(key)}`, {
    code: 'E-SSH-HOSTKEY-UNKNOWN',
    hint: `Compare the fingerprint with the machine itself, then pin it: tocsin hosts pin ${host.name}`,
  });
}

function changedKey(host: Host, key: Buffer, pins: readonly Buffer[]): TocsinError {
  const want = pins.map((pin) => `${keyType(pin)} ${fingerprint(pin)}`).join(' or ');
  return new TocsinError(`Connect to ${where(host)}: HOST KEY CHANGED; presented ${keyType(key)} ${fingerprint(key)}, pinned is ${want}`, {
    code: 'E-SSH-HOSTKEY-CHANGED',
    hint: `Nothing was sent. Find out why before anything else; only if the machine was rebuilt on purpose: tocsin hosts pin ${host.name} --replace`,
  });
}

function revokedKey(host: Host, key: Buffer): TocsinError {
  return new TocsinError(`Connect to ${where(host)}: it presented ${fingerprint(key)}, which known_hosts marks @revoked`, {
    code: 'E-SSH-HOSTKEY-REVOKED',
    hint: 'Nothing was sent. Treat the machine as taken over until proven otherwise',
  });
}

function authorityOnly(host: Host, key: Buffer): TocsinError {
  return new TocsinError(
    `Connect to ${where(host)}: known_hosts lists only a @cert-authority, and host certificates are not supported; it presented ${fingerprint(key)}`,
    {
      code: 'E-SSH-HOSTKEY-CA',
      hint: `Pin the plain key beside the authority: tocsin hosts pin ${host.name}`,
    },
  );
}
