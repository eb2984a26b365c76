import fastify, { LogController, type FastifyInstance } from 'fastify';
import { TocsinError } from '../../activities/platform/errors.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import { createCounters } from './counters.ts';
import type { ServerDeps } from './deps.ts';
import { registerAcknowledge } from './acknowledge.ts';
import { onError } from './errors.ts';
import { registerHooks } from './hooks.ts';
import { registerOpenapi } from './openapi.ts';
import { registerAlarms } from './routes/alarms.ts';
import { registerHealth } from './routes/health.ts';
import { registerIncidents } from './routes/incidents.ts';
import { registerMoves } from './routes/moves.ts';
import { registerRunbooks } from './routes/runbooks.ts';
import { registerRuns } from './routes/runs.ts';
import { registerStatus } from './routes/status.ts';
import { registerStream } from './routes/stream.ts';
import { bearerOf, sameToken } from './tokens.ts';

/** Routes: alarms in, people's moves, and everything a screen shows. Listening is the caller's part. */
export function createServer(deps: ServerDeps): FastifyInstance {
  const request_ms = deps.limits?.request_ms ?? 15_000;
  const app = fastify({
    loggerInstance: deps.log as never,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    // A sender that dribbles is cut off; Node looks at this once per interval.
    requestTimeout: request_ms,
    http: { connectionsCheckingInterval: Math.min(request_ms, 1_000), headersTimeout: request_ms },
    // `__proto__` in a body is an error of the sender.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'remove',
    // Requests under way are answered first; followers of the stream are let go by its own hook.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 600 },
  }) as unknown as FastifyInstance;
  const counters = createCounters();
  const known: string[] = [];

  app.addHook('onRoute', (route) => {
    known.push(route.url);
  });
  // A connection that neither works nor counts as idle (half a request, a lost follower) must not hold up the leaving.
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), 1_000).unref();
  });
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('content-security-policy'))
      void reply.header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
    void reply
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store')
      .header('x-frame-options', 'DENY');
  });
  app.addHook('onRequest', async (request) => {
    const reason = deps.waiting?.() ?? null;
    if (reason === null || /^\/(healthz|readyz|metrics)/.test(request.url)) return;
    throw new TocsinError(`serving the request: ${reason}`, {
      code: 'E-STARTING',
      hint: 'Try again in a few seconds; "tocsin doctor" says what is missing.',
      retry: true,
    });
  });
  app.setErrorHandler(onError);
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?')[0] ?? '';
    const meant = nearest(path, known);
    throw new TocsinError(`answering ${request.method} ${path.slice(0, 200)}: there is no such address`, {
      code: 'E-NOT-FOUND',
      hint: meant === null ? 'All addresses stand in /api/openapi.json.' : `Did you mean ${meant}?`,
    });
  });

  registerHealth(app, deps, counters);
  registerOpenapi(app);
  registerHooks(app, deps, counters);
  registerAcknowledge(app, deps);
  void app.register(
    async (api) => {
      api.addHook('onRequest', async (request) => requireOperator(request.headers.authorization, deps));
      registerStatus(api, deps);
      registerRuns(api, deps);
      registerMoves(api, deps);
      registerIncidents(api, deps);
      registerAlarms(api, deps);
      registerRunbooks(api, deps);
      registerStream(api, deps);
    },
    { prefix: '/api/v1' },
  );
  return app;
}

function requireOperator(header: string | undefined, deps: ServerDeps): void {
  const wanted = deps.secret(deps.site().operator_token);
  const given = bearerOf(header);
  const hint = 'Send "Authorization: Bearer <token>" with the operator token of the site (operator_token in site.yaml).';
  if (wanted === null)
    throw new TocsinError('checking the operator token: the site has none that can be read', {
      code: 'E-LOGIN',
      hint: 'Set what operator_token in site.yaml refers to; "tocsin up" writes it on its first start.',
    });
  if (given === null) throw new TocsinError('checking the operator token: none was sent', { code: 'E-LOGIN', hint });
  if (!sameToken(given, wanted)) throw new TocsinError('checking the operator token: it is not the right one', { code: 'E-LOGIN', hint });
}
