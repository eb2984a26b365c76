import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { TocsinError } from '../../activities/platform/errors.ts';
import { isDown } from '../../activities/records/pool.ts';

/** The one shape of a failure. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

const statuses: readonly (readonly [RegExp, number])[] = [
  [/^E-LOGIN/, 401],
  [/^E-FORBIDDEN/, 403],
  [/^E-NOT-FOUND/, 404],
  [/^E-REFUSED|^E-MOVE|^E-INCIDENT-MOVE/, 409],
  [/^E-(RECORDS-DOWN|ENGINE|BUSY-LATER|STARTING)/, 503],
  [/^E-BUSY/, 429],
];

const fastifyWords: Readonly<Record<string, readonly [number, string, string, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    'E-INPUT-SIZE',
    'reading the request: the body is larger than 1 MB',
    'Send fewer alarms in one request, or shorter texts.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'E-INPUT-TYPE',
    'reading the request: the body is not JSON',
    'Send content-type: application/json.',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'E-INPUT-JSON', 'reading the request: the body is empty', 'Send a JSON object.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'E-INPUT-JSON', 'reading the request: the body is not JSON', 'Check the quotes and commas.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    400,
    'E-INPUT-SIZE',
    'reading the request: its length is not what content-length says',
    'Send the whole body.',
  ],
  FST_ERR_BAD_URL: [400, 'E-INPUT', 'reading the request: the address is not a valid URL', 'Percent-encode what is not ASCII.'],
};

export function recordsDown(): TocsinError {
  return new TocsinError('reaching the records: the database does not answer', {
    code: 'E-RECORDS-DOWN',
    hint: 'Send it again in a few seconds; "tocsin doctor" says what is missing.',
    retry: true,
  });
}

/** Status and body for whatever was thrown. Nothing of an unexpected error leaves the house but its reference. */
export function toAnswer(error: unknown, reference: string): { readonly status: number; readonly body: ErrorBody } {
  if (isDown(error)) return toAnswer(recordsDown(), reference);
  // By name and not by class: test runners and bundles load a module twice.
  if (error instanceof Error && error.name === 'TocsinError') {
    const { code, message, hint, retry } = error as TocsinError;
    const status = statuses.find(([pattern]) => pattern.test(code))?.[1] ?? (retry ? 503 : 400);
    return { status, body: { error: { code, message, hint } } };
  }
  const known = fastifyWords[(error as FastifyError | undefined)?.code ?? ''];
  if (known) return { status: known[0], body: { error: { code: known[1], message: known[2], hint: known[3] } } };
  return {
    status: 500,
    body: {
      error: {
        code: 'E-SERVER',
        message: 'answering the request: something unexpected happened',
        hint: `The server's log says more under request ${reference}.`,
      },
    },
  };
}

export function onError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = toAnswer(error, String(request.id));
  if (status >= 500) request.log.error({ err: error, code: body.error.code }, 'request failed');
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (status === 503 || status === 429) void reply.header('retry-after', '5');
  return reply.code(status).send(body);
}
