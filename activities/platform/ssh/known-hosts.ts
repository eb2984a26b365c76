import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One usable line of an OpenSSH known_hosts file. */
export interface KnownHost {
  readonly marker: 'plain' | 'revoked' | 'ca';
  readonly patterns: string;
  readonly type: string;
  /** Raw public key as the server presents it. */
  readonly key: Buffer;
  readonly line: number;
}

/** Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Lines that are not of that form are left out, as ssh does. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((raw, at) => {
    const words = raw.trim().split(/\s+/);
    if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) return [];
    const marked = words[0].startsWith('@');
    const marker = words[0] === '@revoked' ? 'revoked' : words[0] === '@cert-authority' ? 'ca' : 'plain';
    if (marked && marker === 'plain') return [];
    const [patterns, type, base64] = marked ? words.slice(1) : words;
    if (patterns === undefined || type === undefined || base64 === undefined) return [];
    const key = Buffer.from(base64, 'base64');
    if (keyType(key) !== type) return [];
    return [{ marker, patterns, type, key, line: at + 1 } satisfies KnownHost];
  });
}

/** Entries that speak of a host; `names` are the name and the address it may be listed under. */
export function entriesFor(entries: readonly KnownHost[], names: readonly string[], port: number): readonly KnownHost[] {
  const asked = names.map((name) => (port === 22 ? name : `[${name}]:${port}`).toLowerCase());
  return entries.filter((entry) => asked.some((name) => matches(entry.patterns, name)));
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) return matchesHash(patterns, name);
  let found = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!glob(negated ? pattern.slice(1) : pattern).test(name)) continue;
    // A negated pattern that matches rules the whole line out, wherever it stands.
    if (negated) return false;
    found = true;
  }
  return found;
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`);
}

function matchesHash(pattern: string, name: string): boolean {
  const [, , salt, hash] = pattern.split('|');
  if (salt === undefined || hash === undefined) return false;
  const want = Buffer.from(hash, 'base64');
  const have = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return want.length === have.length && timingSafeEqual(want, have);
}

/** Key type as written inside the key itself; `''` when it is no key. */
export function keyType(key: Buffer): string {
  if (key.length < 8) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Reads `type base64 [comment]`, the form of the inventory's `host_keys`. */
export function parsePublicKey(text: string): Buffer | null {
  const [type, base64] = text.trim().split(/\s+/);
  if (type === undefined || base64 === undefined) return null;
  const key = Buffer.from(base64, 'base64');
  return keyType(key) === type ? key : null;
}
