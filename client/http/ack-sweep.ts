import { createHash } from 'node:crypto';
import type { IncidentMove } from '../../workflows/core/people.ts';
import { updates, workflowIds, type MoveAnswer } from '../../workflows/messages.ts';
import type { ServerDeps } from './deps.ts';
import { sendUpdate } from './engine.ts';

export type AckDeps = Pick<ServerDeps, 'site' | 'records' | 'temporal' | 'log'>;

export interface Pressed {
  readonly incident: string;
  readonly person: string;
}

/** Pressed again, pressed twice, applied later: one move, since its id comes from who and what. */
export async function applyAcknowledge(deps: AckDeps, pressed: Pressed): Promise<MoveAnswer> {
  const id = `ack-${createHash('sha256').update(`${pressed.incident}\n${pressed.person}`).digest('hex').slice(0, 24)}`;
  const move: IncidentMove = { id, kind: 'acknowledge', by: pressed.person, reason: 'link in the mail' };
  return sendUpdate<MoveAnswer>(await deps.temporal(), {
    workflow: workflowIds.incident(pressed.incident),
    update: updates.incidentMove,
    id,
    argument: move,
    what: `acknowledge of ${pressed.incident}`,
    hint: `tocsin incident show ${pressed.incident}`,
  });
}

/** A link is marked used before the engine is asked: a press that the engine did not hear is still there. */
export async function unheardPresses(deps: AckDeps): Promise<readonly Pressed[]> {
  const found = await deps.records.pool.query<Pressed>(
    `select distinct on (i.id) i.id as incident, l.person from link l join incident i on i.id = l.incident
     where l.purpose = 'acknowledge' and l.used_at > now() - interval '1 day' and i.acknowledged_at is null and i.resolved_at is null and i.started
     order by i.id, l.used_at limit 100`,
  );
  return found.rows;
}

/** Brings what was pressed while the engine was away; whoever pressed first has it. Returns how many were taken. */
export async function sweepAcknowledges(deps: AckDeps): Promise<number> {
  let taken = 0;
  for (const pressed of await unheardPresses(deps)) {
    try {
      await applyAcknowledge(deps, pressed);
      taken += 1;
    } catch (error) {
      // Said quietly: while the engine is away this comes every few seconds, and the press itself is safe.
      deps.log.debug({ incident: pressed.incident, error: String(error) }, 'a stored acknowledgement could not be applied yet');
    }
  }
  return taken;
}

export interface Sweeper {
  readonly stop: () => void;
}

export function startSweeper(deps: AckDeps, every_ms: number): Sweeper {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    sweepAcknowledges(deps)
      .catch((error: unknown) => deps.log.debug({ error: String(error) }, 'stored acknowledgements could not be read'))
      .finally(() => {
        busy = false;
      });
  }, every_ms);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
