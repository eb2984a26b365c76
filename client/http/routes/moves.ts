import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { endStatuses, severities } from '../../../workflows/domain/words.ts';
import { updates, workflowIds, type MoveAnswer } from '../../../workflows/messages.ts';
import { authorise } from '../authority.ts';
import { TocsinError } from '../../../activities/platform/errors.ts';
import type { ServerDeps } from '../deps.ts';
import { sendUpdate } from '../engine.ts';
import { check, sentence, word } from '../input.ts';
import { whoOf } from '../who.ts';
import { incidentOf } from './incidents.ts';
import { runOf } from './runs.ts';

const common = { id: word.optional(), by: word.optional(), reason: sentence.default('') };
const step = word;
const values = z.record(z.string(), z.json()).default({});

/** What a person does to a run; `id` may come as Idempotency-Key instead. */
export const runMove = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('approve'), step }),
  z.strictObject({ ...common, kind: z.literal('reject'), step }),
  z.strictObject({ ...common, kind: z.literal('pause') }),
  z.strictObject({ ...common, kind: z.literal('resume') }),
  z.strictObject({ ...common, kind: z.literal('abort') }),
  z.strictObject({ ...common, kind: z.literal('skip'), step }),
  z.strictObject({ ...common, kind: z.literal('confirm'), step }),
  z.strictObject({ ...common, kind: z.literal('take_over'), step, out: values }),
  z.strictObject({ ...common, kind: z.literal('retry'), step, args: values }),
]);

export const incidentMove = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('acknowledge') }),
  z.strictObject({ ...common, kind: z.literal('resolve') }),
  z.strictObject({ ...common, kind: z.literal('hand_over'), to: word }),
  z.strictObject({ ...common, kind: z.literal('severity'), severity: z.enum(severities) }),
  z.strictObject({ ...common, kind: z.literal('note'), text: sentence.min(1) }),
]);

export function registerMoves(app: FastifyInstance, deps: ServerDeps): void {
  app.post('/runs/:id/moves', async (request): Promise<MoveAnswer> => {
    const row = await runOf(deps, request.params);
    const given = check(runMove, request.body, 'moving a run');
    const move = { ...given, ...identity(request, given) };
    if ((endStatuses as readonly string[]).includes(row.status))
      throw over(`${move.kind} of ${row.id}: it has ended (${row.status})`, 'Start it again, or look at it: tocsin runs show ' + row.id);
    authorise(deps.site(), row.plan, move);
    return sendUpdate(await deps.temporal(), {
      workflow: workflowIds.run(row.id),
      update: updates.runMove,
      id: move.id,
      argument: move,
      what: `${move.kind} of ${row.id}`,
      hint: `What is possible now: tocsin runs show ${row.id}`,
    });
  });

  app.post('/incidents/:id/moves', async (request): Promise<MoveAnswer> => {
    const row = await incidentOf(deps, request.params);
    const given = check(incidentMove, request.body, 'moving an incident');
    const move = { ...given, ...identity(request, given) };
    if (row.resolved_at !== null)
      throw over(
        `${move.kind} of ${row.id}: it was resolved by ${row.resolved_by ?? 'somebody'}`,
        'Declare a new one: tocsin incident declare "…"',
      );
    return sendUpdate(await deps.temporal(), {
      workflow: workflowIds.incident(row.id),
      update: updates.incidentMove,
      id: move.id,
      argument: move,
      what: `${move.kind} of ${row.id}`,
      hint: `What is possible now: tocsin incident show ${row.id}`,
    });
  });
}

function identity(
  request: FastifyRequest,
  given: { readonly id?: string | undefined; readonly by?: string | undefined },
): { id: string; by: string } {
  const header = request.headers['idempotency-key'];
  return {
    id: given.id ?? (typeof header === 'string' && header !== '' ? header.slice(0, 200) : randomUUID()),
    by: whoOf(request, given.by),
  };
}

function over(message: string, hint: string): TocsinError {
  return new TocsinError(message, { code: 'E-REFUSED-OVER', hint });
}
