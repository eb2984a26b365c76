import type { FastifyInstance } from 'fastify';
import type { Counters } from '../counters.ts';
import type { ServerDeps } from '../deps.ts';

/** For machines that watch us; no token, nothing secret. */
export function registerHealth(app: FastifyInstance, deps: ServerDeps, counters: Counters): void {
  app.get('/healthz', async () => ({ ok: true }));

  /** Ready = alarms can be accepted. The engine may be down: accepted alarms wait for it. */
  app.get('/readyz', async (_request, reply) => {
    const reason =
      deps.waiting?.() ??
      (await deps.records.ping().then(
        () => null,
        (error: Error) => `records: ${error.message}`,
      ));
    return reply.code(reason === null ? 200 : 503).send({ ready: reason === null, reason });
  });

  app.get('/metrics', async (_request, reply) => {
    const counts = deps.waiting?.() == null ? await deps.records.alarms.counts().catch(() => null) : null;
    const lines = [
      metric('tocsin_records_up', 'gauge', 'Whether the records answer', counts === null ? 0 : 1),
      ...[...counters.all()].map(([name, value]) =>
        metric(`tocsin_hook_${name}_total`, 'counter', `Alarms ${name} by this process`, value),
      ),
    ];
    if (counts !== null) {
      lines.push(
        metric('tocsin_alarms_accepted', 'gauge', 'Alarms kept', counts.accepted),
        metric('tocsin_alarms_deduplicated', 'gauge', 'Repetitions of alarms kept', counts.deduplicated),
        metric('tocsin_alarms_dispatched', 'gauge', 'Alarms that led somewhere', counts.dispatched),
        metric('tocsin_alarms_waiting', 'gauge', 'Alarms accepted or held', counts.waiting),
        metric('tocsin_dispatch_lag_seconds', 'gauge', 'Age of the oldest alarm nobody has looked at', counts.lag_ms / 1_000),
      );
    }
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(lines.join(''));
  });
}

function metric(name: string, type: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}
