import type { Algorithms } from 'ssh2';

/**
 * What we speak, strongest first; everything with SHA-1 is left out. ssh2 knows no post-quantum key exchange, so none
 * is listed: where that matters the OpenSSH program has to be the transport.
 */
const kex = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'diffie-hellman-group16-sha512',
] as const;

const cipher = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes256-ctr'] as const;
const hmac = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256'] as const;

export const hostKeyTypes = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'] as const;

/** Signature algorithms by key type: an RSA key is asked for with SHA-2 only. */
function signatures(type: string): readonly string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
}

/**
 * @param types key types that are pinned for the host; asking for others would make a good host look changed.
 * Empty = any we know (only to fetch a key for pinning, or to name the unknown key in the error).
 */
export function algorithmsFor(types: readonly string[]): Algorithms {
  const wanted = types.length === 0 ? hostKeyTypes : hostKeyTypes.filter((type) => types.includes(type));
  return {
    kex: [...kex],
    cipher: [...cipher],
    hmac: [...hmac],
    compress: ['none'],
    serverHostKey: wanted.flatMap(signatures),
  } as Algorithms;
}
