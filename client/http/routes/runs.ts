import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TocsinError } from '../../../activities/platform/errors.ts';
import type { RunDetail } from '../../../activities/records/runs.ts';
import { endStatuses, modes, runStatuses } from '../../../workflows/domain/words.ts';
import { queries, workflowIds, type RunView } from '../../../workflows/messages.ts';
import type { ServerDeps } from '../deps.ts';
import { beforeQuery, check, idParam, limitQuery, sentence, word } from '../input.ts';
import { declareRun } from '../start-run.ts';
import { whoOf } from '../who.ts';

export const newRun = z.strictObject({
  runbook: word.describe('Name of a runbook of the site'),
  inputs: z.record(z.string(), z.json()).default({}).describe('Values of its inputs'),
  reason: sentence.default('').describe('Why, for the record'),
  mode: z.enum(modes).default('live'),
  by: word.optional().describe('Who starts it'),
  incident: word.nullish().describe('Incident it belongs to'),
  plan_hash: word.nullish().describe('Start only if the plan is still this one: what was agreed to is what runs'),
});

export const runQuery = z.object({
  limit: limitQuery,
  before: beforeQuery,
  status: z.enum(runStatuses).optional(),
  incident: word.optional(),
  runbook: word.optional(),
  live: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});
const timelineQuery = z.object({
  after: z.coerce.number().int().min(-1).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
});
const outputQuery = z.object({
  step: word.optional(),
  node: z.string().max(200).optional(),
  stream: z.enum(['stdout', 'stderr']).optional(),
  max_bytes: z.coerce
    .number()
    .int()
    .min(1)
    .max(16 * 1024 * 1024)
    .optional(),
});

export function registerRuns(app: FastifyInstance, deps: ServerDeps): void {
  const { records } = deps;

  app.get('/runs', async (request) => {
    const page = await records.runs.list(check(runQuery, request.query, 'listing runs'));
    return { runs: page.items, next: page.next };
  });

  app.post('/runs', async (request, reply) => {
    const wanted = check(newRun, request.body, 'starting a run');
    const run = await declareRun(deps, {
      ...wanted,
      incident: wanted.incident ?? null,
      plan_hash: wanted.plan_hash ?? null,
      by: whoOf(request, wanted.by),
    });
    return reply.code(201).send({ run: shown(run) });
  });

  app.get('/runs/:id', async (request) => {
    const row = await runOf(deps, request.params);
    return { run: shown((endStatuses as readonly string[]).includes(row.status) ? row : { ...row, ...(await live(deps, row)) }) };
  });

  app.get('/runs/:id/timeline', async (request) => {
    const row = await runOf(deps, request.params);
    return { timeline: await records.timeline.of(row.id, check(timelineQuery, request.query, 'reading the timeline')) };
  });

  app.get('/runs/:id/output', async (request) => {
    const row = await runOf(deps, request.params);
    const pieces = await records.outputs.list(row.id, check(outputQuery, request.query, 'reading the output'));
    // Chunks are cut at any byte; put together first, so that no character is torn.
    const streams = new Map<string, { step: string; node: string; key: string; stream: string; bytes: Buffer[] }>();
    for (const piece of pieces) {
      const name = `${piece.key} ${piece.stream}`;
      const stream = streams.get(name) ?? { step: piece.step, node: piece.node, key: piece.key, stream: piece.stream, bytes: [] };
      stream.bytes.push(piece.bytes);
      streams.set(name, stream);
    }
    return { output: [...streams.values()].map(({ bytes, ...stream }) => ({ ...stream, text: Buffer.concat(bytes).toString('utf8') })) };
  });
}

/** The run with `state` (its view) beside it, as screens read it. */
function shown({ view, ...row }: RunDetail): object {
  return { ...row, state: view };
}

/** The engine knows a moment earlier than the records; when it is silent, the records answer. */
async function live(deps: ServerDeps, row: RunDetail): Promise<Partial<RunDetail>> {
  try {
    const client = await deps.temporal();
    const view = await client.withDeadline(Date.now() + 2_000, () =>
      client.workflow.getHandle(workflowIds.run(row.id)).query<RunView>(queries.state),
    );
    return { view, status: view.status, next: view.next };
  } catch {
    return {};
  }
}

/** @throws TocsinError `E-NOT-FOUND` with the newest runs */
export async function runOf(deps: ServerDeps, params: unknown): Promise<RunDetail> {
  const { id } = check(idParam, params, 'reading the address');
  const row = await deps.records.runs.get(id);
  if (row !== null) return row;
  const newest = (await deps.records.runs.list({ limit: 5 })).items.map((one) => one.id);
  throw new TocsinError(`finding run "${id.slice(0, 100)}": there is none of this id`, {
    code: 'E-NOT-FOUND',
    hint: newest.length === 0 ? 'No run has been started yet.' : `The newest runs: ${newest.join(', ')}.`,
  });
}
