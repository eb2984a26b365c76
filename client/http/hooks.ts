import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TocsinError } from '../../activities/platform/errors.ts';
import { failpoint } from '../../activities/platform/failpoint.ts';
import type { Source } from '../../workflows/domain/site.ts';
import { readBody } from '../alarms/body.ts';
import { alarmFormats } from '../alarms/index.ts';
import { limits } from '../alarms/limits.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { ServerDeps } from './deps.ts';
import type { Counters } from './counters.ts';
import { createRate } from './rate.ts';
import { bearerOf, sameToken } from './tokens.ts';

/** What a sender is told once its alarms are safe on disk. */
export interface HookAnswer {
  readonly ids: readonly number[];
  readonly duplicates: number;
  readonly warnings?: readonly string[];
}

/**
 * `POST /hooks/<format>`: alarms come in. 202 only after the commit; the engine is not asked.
 * Alertmanager drops what gets a 4xx and repeats a 5xx, so whatever may succeed later is a 503.
 */
export function registerHooks(app: FastifyInstance, deps: ServerDeps, counters: Counters): void {
  const allowed = createRate({ rate: deps.limits?.rate ?? 200, burst: deps.limits?.burst ?? 2_000 });
  void app.register(async (hooks) => {
    // The format is chosen by the address, never by the content type; the body stays bytes until it is known to be harmless.
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.body_bytes }, (_request, body, done) => done(null, body));
    for (const format of alarmFormats) {
      hooks.post(`/hooks/${format.id}`, {
        onRequest: async (request) => {
          const source = sourceOf(request, deps, format.id);
          if (!allowed(source.name)) throw tooMany(source);
          (request as FastifyRequest & { source?: Source }).source = source;
        },
        handler: async (request, reply): Promise<HookAnswer> => {
          const source = (request as FastifyRequest & { source?: Source }).source as Source;
          const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
          if (body.length === 0)
            throw new TocsinError('reading the alarm: the body is empty', {
              code: 'E-ALARM-JSON',
              hint: 'Send the alarm as JSON in the body of a POST.',
            });
          const { alarms, warnings } = format.read(readBody(body), { source: source.name });
          const { ids, duplicates } = await deps.records.alarms.accept(source.name, body, alarms);
          failpoint('accepted');
          counters.count('accepted', alarms.length - duplicates);
          counters.count('deduplicated', duplicates);
          void reply.code(202);
          return { ids, duplicates, ...(warnings.length > 0 ? { warnings } : {}) };
        },
      });
    }
    hooks.route({
      method: ['POST', 'PUT'],
      url: '/hooks/:format',
      handler: (request) => {
        throw unknownFormat((request.params as { format: string }).format);
      },
    });
  });
}

/** Every source of the format is compared, so that the time does not tell which one nearly matched. */
function sourceOf(request: FastifyRequest, deps: ServerDeps, format: string): Source {
  const given = bearerOf(request.headers.authorization);
  const hint = 'Send "Authorization: Bearer <token>" with the token of a source of this format from site.yaml.';
  if (given === null) throw new TocsinError(`accepting the alarm: no bearer token was sent to /hooks/${format}`, { code: 'E-LOGIN', hint });
  let found: Source | null = null;
  for (const source of deps.site().sources.filter((one) => one.format === format)) {
    const token = deps.secret(source.token);
    if (token !== null && sameToken(given, token)) found ??= source;
  }
  if (found === null)
    throw new TocsinError(`accepting the alarm: the bearer token belongs to no source of format "${format}"`, { code: 'E-LOGIN', hint });
  return found;
}

function tooMany(source: Source): TocsinError {
  // Alertmanager drops on 429; a 503 makes it come back.
  const code = source.format === 'alertmanager' ? 'E-BUSY-LATER' : 'E-BUSY';
  return new TocsinError(`accepting the alarm: source "${source.name}" sends too many requests`, {
    code,
    hint: 'Put several alarms into one request, or wait as Retry-After says.',
    retry: true,
  });
}

function unknownFormat(format: string): TocsinError {
  const known = alarmFormats.map((one) => one.id);
  const meant = nearest(format, known);
  return new TocsinError(`accepting the alarm: "${format.slice(0, 64)}" is not a known format`, {
    code: 'E-NOT-FOUND',
    hint: meant === null ? `Known formats: ${known.join(', ')}.` : `Did you mean /hooks/${meant}?`,
  });
}
