import { readFileSync, statSync } from 'node:fs';
import { utils, type AuthenticationType, type ParsedKey } from 'ssh2';
import type { Host } from '../../../workflows/domain/site.ts';
import { TocsinError } from '../errors.ts';

export interface CredentialOptions {
  /** Socket of the ssh agent, or `null`. */
  readonly agent: string | null;
  /** Looks up a secret by the name of its environment variable. */
  readonly secret: (name: string) => string | undefined;
}

/** In the form ssh2's `authHandler` takes: one method, nothing tried behind its back. */
export type AuthMethod = {
  readonly type: AuthenticationType;
  readonly username: string;
  readonly key?: ParsedKey;
  readonly agent?: string;
  readonly password?: string;
};

/**
 * Order: key file, agent. A password only where the host's `password_env` names the variable that holds it; that is the
 * operator's explicit choice, never a fallback.
 */
export function authMethods(host: Host, options: CredentialOptions): readonly AuthMethod[] {
  const username = host.user;
  if (host.key !== null) return [{ type: 'publickey', username, key: readKey(host, host.key, options) }];
  const variable = host.vars['password_env'];
  if (typeof variable === 'string') return [{ type: 'password', username, password: secretOf(host, variable, options) }];
  if (options.agent !== null) return [{ type: 'agent', username, agent: options.agent }];
  throw new TocsinError(`Connect to "${host.name}": no key is set for user "${username}" and no ssh agent is running`, {
    code: 'E-SSH-NO-KEY',
    hint: 'Set `key: ~/.ssh/id_ed25519` for the host in hosts.yaml, or start ssh-agent and set SSH_AUTH_SOCK',
  });
}

function secretOf(host: Host, variable: string, options: CredentialOptions): string {
  const value = options.secret(variable);
  if (value !== undefined && value !== '') return value;
  throw new TocsinError(`Connect to "${host.name}": the variable "${variable}" named by the host is empty`, {
    code: 'E-SSH-SECRET',
    hint: `Set ${variable} in the environment of the worker and start it again`,
  });
}

const parsed = new Map<string, { readonly stamp: string; readonly key: ParsedKey }>();

/** Parsed once per file version: a passphrase costs a second of bcrypt that must not be paid per connection. */
function readKey(host: Host, path: string, options: CredentialOptions): ParsedKey {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new TocsinError(`Connect to "${host.name}": the key file "${path}" does not exist`, {
      code: 'E-SSH-KEY-MISSING',
      hint: 'Correct `key:` in hosts.yaml',
    });
  }
  const stamp = `${stat.mtimeMs}:${stat.size}:${stat.ino}`;
  const known = parsed.get(path);
  if (known?.stamp === stamp) return known.key;
  if ((stat.mode & 0o077) !== 0) {
    throw new TocsinError(
      `Connect to "${host.name}": the key file "${path}" can be read by others (mode ${(stat.mode & 0o777).toString(8)}, should be 600)`,
      {
        code: 'E-SSH-KEY-MODE',
        hint: `chmod 600 ${path}`,
      },
    );
  }
  const variable = host.vars['key_passphrase_env'];
  const passphrase = typeof variable === 'string' ? secretOf(host, variable, options) : undefined;
  const key = utils.parseKey(readFileSync(path), passphrase);
  if (key instanceof Error) {
    throw new TocsinError(`Read the key file "${path}" for "${host.name}": ${key.message}`, {
      code: 'E-SSH-KEY-FORM',
      hint: 'Use an OpenSSH private key; for an encrypted one name the variable with its passphrase as `key_passphrase_env`',
      cause: key,
    });
  }
  // A file of several keys gives a list; the first is the private one.
  const first = Array.isArray(key) ? (key as ParsedKey[])[0]! : key;
  parsed.set(path, { stamp, key: first });
  return first;
}
