import type { RunRecord } from '../workflows/shell/recorder.ts';
import type { Deps } from './deps.ts';

/** Writes what a run decided: its lines first, so that whoever sees a state finds the reasons for it. */
export function createRecordRun(deps: Deps): (record: RunRecord) => Promise<void> {
  return async function recordRun(record) {
    await deps.records.timeline.append(record.run, record.incident, record.notes);
    await deps.records.runs.save(record.run, {
      seq: record.save,
      status: record.ended?.status ?? record.view.status,
      view: record.view,
      next: record.next,
      problem: record.ended?.problem ?? null,
      ...(record.ended === null ? {} : { ended_at: record.ended.at }),
    });
  };
}
