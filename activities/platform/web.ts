import type { ErrorKind } from '../../workflows/domain/words.ts';
import { timeUp } from './time-up.ts';

export interface Explained {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | null;
  /** Known to have failed before the request could reach anybody. */
  readonly before: boolean;
}

const beforeCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name service did not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  ETIMEDOUT: 'connecting took too long',
  ERR_INVALID_URL: 'the address cannot be read',
};

/** What a failed `fetch` means. */
export function explainFetch(error: unknown, signal: AbortSignal): Explained {
  if (signal.aborted) {
    const timeout = timeUp(signal);
    return {
      kind: timeout ? 'timeout' : 'cancelled',
      message: timeout ? 'there was no whole answer in time' : 'it was stopped on request',
      hint: null,
      before: false,
    };
  }
  const code = codeOf(error);
  const known = code === null ? undefined : beforeCodes[code];
  if (known !== undefined)
    return { kind: 'unreachable', message: `${known} (${code})`, hint: 'Check the address and that its service runs', before: true };
  if (code !== null && /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return {
      kind: 'unreachable',
      message: `its certificate is not trusted (${code})`,
      hint: 'Install the certificate authority on the worker (NODE_EXTRA_CA_CERTS)',
      before: true,
    };
  }
  const blocked = innermost(error) === 'bad port';
  if (blocked || (code === null && causeOf(error) === undefined))
    return {
      kind: 'refused',
      message: blocked ? 'this port is never used for HTTP' : innermost(error),
      hint: 'Correct the request',
      before: true,
    };
  const detail = innermost(error);
  return { kind: 'unreachable', message: `the connection broke: ${detail}`, hint: null, before: false };
}

function codeOf(error: unknown): string | null {
  for (let at = error; isObject(at); at = at['cause']) {
    if (typeof at['code'] === 'string' && at['code'] !== '') return at['code'];
    if (Array.isArray(at['errors']) && at['errors'].length > 0) return codeOf(at['errors'][0]);
  }
  return null;
}

function innermost(error: unknown): string {
  let message = String(error);
  for (let at = error; isObject(at); at = at['cause']) message = String(at['message']);
  return message;
}

function causeOf(error: unknown): unknown {
  return isObject(error) ? error['cause'] : undefined;
}

/** Errors may come from another realm, where `instanceof` says no. */
function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

/** Text of an answer up to `cap` bytes; what follows is not read. Broken UTF-8 becomes U+FFFD. */
export async function readCapped(answer: Response, cap: number): Promise<{ readonly text: string; readonly truncated: boolean }> {
  if (answer.body === null) return { text: '', truncated: false };
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  let left = cap;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), truncated: false };
    const bytes = value as Uint8Array;
    text += decoder.decode(bytes.subarray(0, left), { stream: true });
    left -= bytes.length;
    if (left < 0) {
      await reader.cancel();
      return { text, truncated: true };
    }
  }
}
