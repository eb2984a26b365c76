import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { alarmStates } from '../../../activities/records/alarms.ts';
import type { ServerDeps } from '../deps.ts';
import { beforeQuery, check, limitQuery, word } from '../input.ts';

export const alarmQuery = z.object({
  limit: limitQuery,
  before: beforeQuery,
  state: z.enum(alarmStates).optional(),
  incident: word.optional(),
  source: word.optional(),
});
const alarmParam = z.object({ id: z.coerce.number().int().min(1) });

/** Every alarm with what became of it and why: joined, opened, skipped, cleared, held. */
export function registerAlarms(app: FastifyInstance, deps: ServerDeps): void {
  app.get('/alarms', async (request) => {
    const page = await deps.records.alarms.list(check(alarmQuery, request.query, 'listing alarms'));
    return { alarms: page.items, next: page.next };
  });

  app.get('/alarms/:id', async (request) => {
    const { id } = check(alarmParam, request.params, 'reading the address');
    const alarm = await deps.records.alarms.get(id);
    if (alarm === null)
      throw new TocsinError(`finding alarm ${id}: there is none of this number`, {
        code: 'E-NOT-FOUND',
        hint: 'The list: tocsin alarm list',
      });
    return { alarm };
  });
}
