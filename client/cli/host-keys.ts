import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'ssh2';
import type { ConnectConfig } from 'ssh2';
import type { Host, Site } from '../../workflows/domain/site.ts';
import { TocsinError } from '../../activities/platform/errors.ts';
import { algorithmsFor } from '../../activities/platform/ssh/algorithms.ts';
import { entriesFor, fingerprint, keyType, parseKnownHosts } from '../../activities/platform/ssh/known-hosts.ts';

export interface HostKey {
  readonly type: string;
  /** Raw public key as the server presents it. */
  readonly key: Buffer;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** Types worth pinning, best first; a host has one to three of them. */
const wanted = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'] as const;

/** The keys a host presents. Nothing is sent but the handshake: the connection is refused once the key is seen. */
export async function fetchHostKeys(host: Host, timeout_ms: number): Promise<readonly HostKey[]> {
  const answers = await Promise.all(wanted.map((type) => presented(host, type, timeout_ms)));
  const keys = answers.flatMap((answer) =>
    Buffer.isBuffer(answer) ? [{ type: keyType(answer), key: answer, fingerprint: fingerprint(answer) }] : [],
  );
  const first = answers[0];
  if (keys.length > 0) return keys;
  const why = first instanceof Error ? first.message : 'it has no host key of a type we know';
  throw new TocsinError(`cannot fetch the host key of "${host.name}" (${host.address}:${host.port}): ${why}`, {
    code: 'E-SSH-UNREACHABLE',
    kind: 'unreachable',
    hint: `check that sshd listens there: ssh -p ${host.port} ${host.address}`,
  });
}

function presented(host: Host, type: string, timeout_ms: number): Promise<Buffer | Error> {
  return new Promise((resolve) => {
    const client = new Client();
    let seen: Buffer | null = null;
    const config: ConnectConfig = {
      host: host.address,
      port: host.port,
      username: host.user,
      readyTimeout: timeout_ms,
      authHandler: [],
      algorithms: algorithmsFor([type]),
      hostVerifier: (key: Buffer) => {
        seen = Buffer.from(key);
        return false;
      },
    };
    client.on('error', (error) => resolve(seen ?? error));
    client.on('close', () => resolve(seen ?? new Error('it closed the connection')));
    client.connect(config);
  });
}

/** The file a host's keys are pinned in: its own, else `known_hosts` in the site's folder. */
export function knownHostsFile(site: Pick<Site, 'folder'>, host: Host): string {
  return host.known_hosts ?? join(site.folder, 'known_hosts');
}

/** What the file says of the host now. */
export function pinnedIn(file: string, host: Host): readonly HostKey[] {
  if (!existsSync(file)) return [];
  return entriesFor(parseKnownHosts(readFileSync(file, 'utf8')), [host.name, host.address], host.port)
    .filter((entry) => entry.marker === 'plain')
    .map((entry) => ({ type: entry.type, key: entry.key, fingerprint: fingerprint(entry.key) }));
}

/** Adds the keys; with `replace` the host's earlier lines go first. Lines of other hosts stay as they are. */
export function pin(file: string, host: Host, keys: readonly HostKey[], replace: boolean): void {
  mkdirSync(dirname(file), { recursive: true });
  const name = host.port === 22 ? `${host.name},${host.address}` : `[${host.name}]:${host.port},[${host.address}]:${host.port}`;
  const lines = keys.map((one) => `${name} ${one.type} ${one.key.toString('base64')}\n`).join('');
  if (!replace || !existsSync(file)) {
    const ended = !existsSync(file) || /(^|\n)$/.test(readFileSync(file, 'utf8'));
    return appendFileSync(file, `${ended ? '' : '\n'}${lines}`, { mode: 0o644 });
  }
  const text = readFileSync(file, 'utf8');
  const gone = new Set(
    entriesFor(parseKnownHosts(text), [host.name, host.address], host.port)
      .filter((entry) => entry.marker === 'plain')
      .map((entry) => entry.line),
  );
  const kept = text
    .split('\n')
    .filter((line, at) => line !== '' && !gone.has(at + 1))
    .map((line) => `${line}\n`)
    .join('');
  // A new file moved over the old one: a crash in between leaves one of the two whole.
  writeFileSync(`${file}.new`, kept + lines, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}
