import type { Host } from '../../../workflows/domain/site.ts';
import { TocsinError } from '../errors.ts';

function place(host: Host): string {
  const through = host.jump.length === 0 ? '' : ` through ${host.jump.map((name) => `"${name}"`).join(', ')}`;
  return `"${host.name}" (${host.address}:${host.port}${through})`;
}

/** The server closed before it said anything: its MaxStartups is full, so waiting a little helps. */
export function isCrowded(error: unknown): boolean {
  return /lost before handshake|ECONNRESET|Exceeded MaxStartups/i.test(String((error as Error | null)?.message ?? error));
}

/** Turns what ssh2 says about a failed connect into one sentence with the way out. */
export function explainDial(host: Host, error: unknown, pinned: readonly string[]): TocsinError {
  if (error instanceof TocsinError) return error;
  const raw = error instanceof Error ? error : new Error(String(error));
  const level = (raw as { level?: string }).level ?? '';
  if (level === 'client-authentication') return explainAuth(host, raw);
  if (/no matching host key/i.test(raw.message) && pinned.length > 0) {
    return new TocsinError(`Connect to ${place(host)}: it has no host key of the pinned type ${pinned.join(', ')}`, {
      code: 'E-SSH-HOSTKEY-CHANGED',
      hint: `Nothing was sent. If the machine was rebuilt on purpose: tocsin hosts pin ${host.name} --replace`,
      cause: raw,
    });
  }
  if (/no matching|Handshake failed/i.test(raw.message)) {
    return new TocsinError(`Connect to ${place(host)}: no common algorithm (${raw.message})`, {
      code: 'E-SSH-ALGORITHMS',
      hint: 'Update its sshd: SHA-1 and old ciphers are refused',
      cause: raw,
    });
  }
  const why = /timed out/i.test(raw.message) ? 'no answer in time' : raw.message;
  return new TocsinError(`Connect to ${place(host)}: ${why}`, {
    code: 'E-SSH-UNREACHABLE',
    kind: 'unreachable',
    retry: true,
    hint: `Nothing ran there. Check that the machine is up and sshd listens: ssh -p ${host.port} ${host.user}@${host.address} true`,
    cause: raw,
  });
}

function explainAuth(host: Host, raw: Error): TocsinError {
  if (/agent/i.test(raw.message)) {
    return new TocsinError(`Log in to ${place(host)} as "${host.user}": the ssh agent did not answer`, {
      code: 'E-SSH-AGENT',
      hint: 'Start ssh-agent and set SSH_AUTH_SOCK for the worker, or name a key file as `key:`',
      cause: raw,
    });
  }
  const password = host.key === null && typeof host.vars['password_env'] === 'string';
  const what = password
    ? `the password in ${String(host.vars['password_env'])}`
    : host.key === null
      ? 'every key of the ssh agent'
      : `the key "${host.key}"`;
  return new TocsinError(`Log in to ${place(host)} as "${host.user}": the host refused ${what}`, {
    code: password ? 'E-SSH-PASSWORD' : 'E-SSH-AUTH',
    hint: password
      ? `Nothing ran there. Correct ${String(host.vars['password_env'])}, or better use a key`
      : `Nothing ran there. Add the public key to ~${host.user}/.ssh/authorized_keys on the host, or correct user and key in hosts.yaml`,
    cause: raw,
  });
}

export function lost(host: Host, what: string): TocsinError {
  return new TocsinError(`${what} on ${place(host)}: the connection was lost before the end was seen`, {
    code: 'E-SSH-LOST',
    kind: 'unknown',
    retry: true,
    hint: 'It may have run in part; look at the host before doing it again',
  });
}

export function timedOut(host: Host, what: string, timeout_ms: number): TocsinError {
  return new TocsinError(`${what} on ${place(host)}: not finished within ${timeout_ms / 1000} s`, {
    code: 'E-SSH-TIMEOUT',
    kind: 'timeout',
    retry: true,
    hint: 'Raise `timeout:` of the step if it needs longer',
  });
}

export function aborted(host: Host, what: string, gone: boolean): TocsinError {
  return new TocsinError(`${what} on ${place(host)}: stopped on request${gone ? '' : '; NOT confirmed that its process is gone'}`, {
    code: 'E-SSH-ABORTED',
    kind: gone ? 'cancelled' : 'unknown',
    hint: gone ? 'Nothing is left running' : `Look on the host: ssh ${host.user}@${host.address} ps -ef`,
  });
}

export function sudoRefused(host: Host, answer: string): TocsinError {
  return new TocsinError(`Use sudo on ${place(host)} as "${host.user}": refused (${answer.trim().split('\n')[0] ?? ''})`, {
    code: 'E-SSH-SUDO',
    hint: `Nothing ran. Allow it without a password: ${host.user} ALL=(root) NOPASSWD: ALL, in /etc/sudoers.d/tocsin`,
  });
}

export function notOurShell(host: Host, answer: string, exit: number | null): TocsinError {
  return new TocsinError(
    `Run "sh -s" on ${place(host)}: something else answered (exit ${exit ?? 'none'}: ${JSON.stringify(answer.slice(0, 120))})`,
    {
      code: 'E-SSH-SHELL',
      hint: 'Nothing of ours ran. A forced command in authorized_keys, or a login shell that runs no commands, stands in the way',
    },
  );
}
