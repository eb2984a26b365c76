import type { AlarmRow } from '../../activities/records/alarms.ts';
import type { Context } from './context.ts';
import { join, settle } from './firing.ts';

/** A resolve always passes: it ends a hold, or is told to the incident its firing belongs to. */
export async function dispatchResolved(context: Context, row: AlarmRow): Promise<void> {
  const { records } = context;
  const firing = await records.alarms.firingOf(row);
  if (firing === null) return settle(context, row, { state: 'cleared', reason: 'no firing of it is known' });
  if (firing.state === 'held') {
    // What is queued has been promised a run of its own, also when the fault has gone meanwhile.
    if (firing.reason?.startsWith('queued'))
      return settle(context, row, { state: 'cleared', reason: `alarm ${firing.id} keeps its place in the queue` });
    await records.alarms.settle(firing.id, { state: 'cleared', reason: `resolved (alarm ${row.id}) before it was due` });
    return settle(context, row, { state: 'cleared', reason: `ended alarm ${firing.id}, which was held` });
  }
  if (firing.incident === null || firing.state === 'skipped')
    return settle(context, row, { state: 'cleared', reason: `ended alarm ${firing.id}, which was ${firing.state}` });
  return join(context, row, {
    incident: firing.incident,
    reason: `ends alarm ${firing.id}`,
    runbook: firing.runbook,
    converge_key: firing.converge_key,
  });
}
