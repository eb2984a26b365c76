import type { Site } from '../../workflows/domain/site.ts';
import { TocsinError } from '../../activities/platform/errors.ts';
import { exit, exitOf } from './exit.ts';
import { tokenOf } from './token.ts';

export interface ApiOptions {
  readonly site: Site;
  /** `TOCSIN_TOKEN`, which wins over the site's reference. */
  readonly token: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly by: string;
  readonly signal: AbortSignal;
}

/** The server of the site. Answers are JSON; failures are `TocsinError`s with the exit code's word. */
export interface Api {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown, token?: string): Promise<T>;
  text(path: string): Promise<string>;
}

export function openApi(options: ApiOptions): Api {
  const url = options.site.url.replace(/\/$/, '');
  const token = tokenOf(options);
  async function call(method: string, path: string, body?: unknown, bearer?: string): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${bearer ?? token}`, 'x-tocsin-by': encodeURIComponent(options.by) };
    if (body !== undefined) headers['content-type'] = 'application/json';
    let answer: Response;
    try {
      answer = await fetch(`${url}${path}`, {
        method,
        headers,
        signal: AbortSignal.any([options.signal, AbortSignal.timeout(30_000)]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw unreachable(url, error);
    }
    if (!answer.ok) throw await refusal(answer, `${method} ${path}`);
    return answer;
  }
  return {
    url,
    get: async <T>(path: string) => (await (await call('GET', path)).json()) as T,
    post: async <T>(path: string, body: unknown, bearer?: string) => (await (await call('POST', path, body, bearer)).json()) as T,
    text: async (path) => (await call('GET', path)).text(),
  };
}

function unreachable(url: string, error: unknown): TocsinError {
  if (error instanceof Error && error.name === 'AbortError')
    return new TocsinError('interrupted: you pressed Ctrl-C', { code: 'E-INTERRUPTED' });
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
  return new TocsinError(`cannot reach the server of the site at ${url}: ${why}`, {
    code: 'E-UNREACHABLE',
    hint: 'tocsin up --detach   or, when it should be running: tocsin doctor',
    cause: error,
  });
}

interface Refusal {
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string | null;
  readonly error?: Refusal | string;
}

const codeOfStatus: Readonly<Record<number, string>> = {
  400: 'E-INPUT',
  401: 'E-LOGIN',
  403: 'E-LOGIN',
  404: 'E-NOT-FOUND',
  409: 'E-REFUSED',
  422: 'E-INPUT',
  423: 'E-LOCK',
  502: 'E-UNREACHABLE',
  503: 'E-UNREACHABLE',
  504: 'E-UNREACHABLE',
};
const hintOfStatus: Readonly<Record<number, string>> = {
  401: 'export TOCSIN_TOKEN=… with the operator token of the site (operator_token in site.yaml)',
  404: 'tocsin runs   or   tocsin incident list',
  503: 'tocsin doctor',
};

/** The class of the failure comes from the status, the words from the server. */
async function refusal(answer: Response, what: string): Promise<TocsinError> {
  const body = (await answer.json().catch(() => ({}))) as Refusal;
  const inner: Refusal = typeof body.error === 'object' ? body.error : body;
  const code = codeOfStatus[answer.status] ?? 'E-SERVER';
  const message = inner.message ?? (typeof body.error === 'string' ? body.error : `the server answered ${answer.status}`);
  // The server's own word where it tells the exit code, else the word of the status.
  const detail = inner.code && (exitOf(inner.code) !== exit.failed || code === 'E-SERVER') ? inner.code : code;
  return new TocsinError(message.includes(': ') ? message : `cannot do ${what}: ${message}`, {
    code: detail,
    hint: inner.hint ?? hintOfStatus[answer.status] ?? 'tocsin doctor',
  });
}
