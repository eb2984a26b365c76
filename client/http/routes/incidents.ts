import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { incidentPhases, type IncidentRow } from '../../../activities/records/incidents.ts';
import { severities } from '../../../workflows/domain/words.ts';
import { declareIncident } from '../declare.ts';
import type { ServerDeps } from '../deps.ts';
import { beforeQuery, check, idParam, limitQuery, sentence, word } from '../input.ts';
import { whoOf } from '../who.ts';

export const newIncident = z.strictObject({
  title: sentence.min(1).describe('What is wrong'),
  severity: z.enum(severities).default('general'),
  service: word.nullish(),
  runbook: word.nullish().describe('Runbook that leads it'),
  inputs: z.record(z.string(), z.json()).default({}),
  reason: sentence.default(''),
  by: word.optional(),
});

export const incidentQuery = z.object({
  limit: limitQuery,
  before: beforeQuery,
  phase: z.enum(incidentPhases).optional(),
  all: z.enum(['true', 'false']).optional(),
});
const reportQuery = z.object({ format: z.enum(['md', 'html']).default('md') });

export function registerIncidents(app: FastifyInstance, deps: ServerDeps): void {
  const { records } = deps;

  /** Open ones unless `all=true` or a phase is asked for. */
  app.get('/incidents', async (request) => {
    const query = check(incidentQuery, request.query, 'listing incidents');
    const page = await records.incidents.list({ ...query, open: query.all === 'true' || query.phase !== undefined ? undefined : true });
    return { incidents: page.items, next: page.next };
  });

  app.post('/incidents', async (request, reply) => {
    const wanted = check(newIncident, request.body, 'declaring an incident');
    const incident = await declareIncident(deps, {
      ...wanted,
      service: wanted.service ?? null,
      runbook: wanted.runbook ?? null,
      by: whoOf(request, wanted.by),
    });
    return reply.code(201).send({ incident });
  });

  app.get('/incidents/:id', async (request) => {
    const incident = await incidentOf(deps, request.params);
    const [runs, alarms, deliveries, followUps] = await Promise.all([
      records.runs.ofIncident(incident.id),
      records.alarms.ofIncident(incident.id),
      records.deliveries.ofIncident(incident.id),
      records.followUps.list({ incident: incident.id }),
    ]);
    // Bodies of mails hold acknowledge links: who reads the API must not act in another person's name.
    return { incident, runs, alarms, deliveries: deliveries.map(({ body_text: _hidden, ...delivery }) => delivery), follow_ups: followUps };
  });

  app.get('/incidents/:id/timeline', async (request) => {
    const incident = await incidentOf(deps, request.params);
    return { timeline: await records.timeline.ofIncident(incident.id) };
  });

  app.get('/incidents/:id/report', async (request, reply) =>
    sendReport(reply, request.params, check(reportQuery, request.query, 'reading the report').format),
  );
  app.get('/incidents/:id/report.md', async (request, reply) => sendReport(reply, request.params, 'md'));
  app.get('/incidents/:id/report.html', async (request, reply) => sendReport(reply, request.params, 'html'));

  async function sendReport(reply: FastifyReply, params: unknown, format: 'md' | 'html'): Promise<FastifyReply> {
    const incident = await incidentOf(deps, params);
    // The written one is the final word; until there is one it is drawn from what is known now.
    const stored = incident.resolved_at === null && deps.report ? null : await records.incidents.report(incident.id);
    const text = stored?.[format] ?? (await deps.report?.(incident.id))?.[format];
    if (text === undefined || text === null)
      throw new TocsinError(`reading the report of ${incident.id}: none has been written yet`, {
        code: 'E-NOT-FOUND-REPORT',
        hint: 'It is written when the incident is resolved.',
      });
    return reply.type(format === 'html' ? 'text/html; charset=utf-8' : 'text/markdown; charset=utf-8').send(text);
  }
}

/** @throws TocsinError `E-NOT-FOUND` with the newest incidents */
export async function incidentOf(deps: ServerDeps, params: unknown): Promise<IncidentRow> {
  const { id } = check(idParam, params, 'reading the address');
  const row = await deps.records.incidents.get(id);
  if (row !== null) return row;
  const newest = (await deps.records.incidents.list({ limit: 5 })).items.map((one) => one.id);
  throw new TocsinError(`finding incident "${id.slice(0, 100)}": there is none of this id`, {
    code: 'E-NOT-FOUND',
    hint: newest.length === 0 ? 'No incident has been opened yet.' : `The newest incidents: ${newest.join(', ')}.`,
  });
}
