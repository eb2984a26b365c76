import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { alarmFormats } from '../alarms/index.ts';
import { alarmQuery } from './routes/alarms.ts';
import { incidentQuery, newIncident } from './routes/incidents.ts';
import { incidentMove, runMove } from './routes/moves.ts';
import { planRequest } from './routes/runbooks.ts';
import { newRun, runQuery } from './routes/runs.ts';
import { streamQuery } from './routes/stream.ts';

interface Operation {
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
}

/** Every address of the API, in one table; a test holds it against the routes. */
export const operations: Readonly<Record<string, Operation>> = {
  'get /api/v1/status': { summary: 'Where the platform stands, part by part' },
  'get /api/v1/runs': { summary: 'Runs, the newest first', query: runQuery },
  'post /api/v1/runs': { summary: 'Start a run', body: newRun },
  'get /api/v1/runs/{id}': { summary: 'A run with its plan, state and what happens next' },
  'get /api/v1/runs/{id}/timeline': { summary: 'What was decided and done' },
  'get /api/v1/runs/{id}/output': { summary: 'What hosts printed' },
  'post /api/v1/runs/{id}/moves': { summary: 'Approve, reject, pause, resume, skip, confirm, take over, retry, abort', body: runMove },
  'get /api/v1/incidents': { summary: 'Open incidents, or all of them', query: incidentQuery },
  'post /api/v1/incidents': { summary: 'Declare an incident by hand', body: newIncident },
  'get /api/v1/incidents/{id}': { summary: 'An incident with its runs, alarms, deliveries and follow-ups' },
  'get /api/v1/incidents/{id}/timeline': { summary: 'Everything that happened in it, by time' },
  'post /api/v1/incidents/{id}/moves': { summary: 'Acknowledge, resolve, hand over, judge anew, note', body: incidentMove },
  'get /api/v1/incidents/{id}/report': { summary: 'The report, format=md or html' },
  'get /api/v1/incidents/{id}/report.md': { summary: 'The report as Markdown' },
  'get /api/v1/incidents/{id}/report.html': { summary: 'The report as a page' },
  'get /api/v1/alarms': { summary: 'Alarms with what became of them and why', query: alarmQuery },
  'get /api/v1/alarms/{id}': { summary: 'One alarm' },
  'get /api/v1/runbooks': { summary: 'Runbooks that can be started, and files that cannot' },
  'get /api/v1/runbooks/{name}': { summary: 'A compiled plan' },
  'post /api/v1/runbooks/{name}/plan': { summary: 'What a run would do, on which hosts', body: planRequest },
  'get /api/v1/stream': { summary: 'The timeline as it is written (server-sent events, resumable by Last-Event-ID)', query: streamQuery },
  ...Object.fromEntries(
    alarmFormats.map((format) => [
      `post /hooks/${format.id}`,
      { summary: `Alarms of ${format.words.en.title}; 202 after they are safe`, body: format.shape },
    ]),
  ),
};

const problem = {
  description: 'What went wrong and what to do next',
  content: {
    'application/json': {
      schema: z.toJSONSchema(z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }) }), {
        target: 'openapi-3.0',
      }),
    },
  },
};

export function registerOpenapi(app: FastifyInstance): void {
  let document: object | null = null;
  app.get('/api/openapi.json', async () => (document ??= drawOpenapi()));
}

export function drawOpenapi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [key, { summary, body, query }] of Object.entries(operations)) {
    const [method, path] = key.split(' ') as [string, string];
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    const parameters = [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...Object.keys(query?.shape ?? {}).map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } })),
    ];
    (paths[path] ??= {})[method] = {
      summary,
      security: [{ token: [] }],
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } } : {}),
      responses: {
        [path.startsWith('/hooks') ? '202' : method === 'post' && !/moves|plan/.test(path) ? '201' : '200']: { description: 'Done' },
        default: problem,
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tocsin', version: 'v1', description: 'Moments are milliseconds since 1970. Lists turn pages by `before` and `next`.' },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

function schemaOf(shape: z.ZodType): object {
  const { $schema: _version, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return schema;
}
