import type { ErrorKind } from '../../workflows/domain/words.ts';

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
    const timeout = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
    return { kind: timeout ? 'timeout' : 'cancelled', message: timeout ? 'there was no whole answer in time' : 'it was stopped on request', hint: null, before: false };
  }
  const code = codeOf(error);
  const known = code === null ? undefined : beforeCodes[code];
  if (known !== undefined) return { kind: 'unreachable', message: `${known} (${code})`, hint: 'Check the address and that its service runs', before: true };
  if (code !== null && /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return { kind: 'unreachable', message: `its certificate is not trusted (${code})`, hint: 'Install the certificate authority on the worker (NODE_EXTRA_CA_CERTS)', before: true };
  }
  if (code === null && error instanceof TypeError && error.cause === undefined) return { kind: 'refused', message: error.message, hint: 'Correct the request', before: true };
  const detail = innermost(error);
  return { kind: 'unreachable', message: `the connection broke: ${detail}`, hint: null, before: false };
}

function codeOf(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && code !== '') return code;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
  }
  return null;
}

function innermost(error: unknown): string {
  let message = String(error);
  for (let at: unknown = error; at instanceof Error; at = at.cause) message = at.message;
  return message;
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
