import { Context } from '@temporalio/activity';
import type { IncidentRecord, Page, PageResult, ReportRequest } from '../workflows/core/people.ts';
import { deliverPage, type DeliverDeps } from './notify/deliver.ts';
import { drawReport } from './report/write.ts';

/** Hands of the workflow `incident`. */
export interface IncidentActivities {
  /** Names of persons who have it and who have not. Throws only when the records are away. */
  page(page: Page): Promise<PageResult>;
  recordIncident(record: IncidentRecord): Promise<void>;
  writeReport(request: ReportRequest): Promise<void>;
}

export function createIncidentActivities(deps: DeliverDeps): IncidentActivities {
  return {
    async page(page) {
      const { signal, beat, done } = alive();
      try {
        return await deliverPage(deps, { page, run: null, signal, beat });
      } finally {
        done();
      }
    },
    async recordIncident(record) {
      const seq = record.notes.at(-1)?.seq;
      await deps.records.timeline.append(record.incident, record.incident, record.notes);
      await deps.records.incidents.save(record.incident, {
        ...(seq === undefined ? {} : { seq }),
        phase: record.phase,
        severity: record.severity,
        commander: record.commander,
        acknowledged_at: record.acknowledged?.at ?? null,
        acknowledged_by: record.acknowledged?.by ?? null,
        recovered_at: record.recovered_at,
        resolved_at: record.resolved?.at ?? null,
        resolved_by: record.resolved?.by ?? null,
        next: record.next,
      });
    },
    async writeReport(request) {
      const { signal, beat, done } = alive();
      try {
        await drawReport(deps, { request, signal, beat });
      } finally {
        done();
      }
    },
  };
}

/** Keeps the activity known to be alive while servers take their time. */
function alive(): { readonly signal: AbortSignal; readonly beat: () => void; readonly done: () => void } {
  const context = Context.current();
  const beat = () => context.heartbeat();
  const timer = setInterval(beat, 4_000);
  return { signal: context.cancellationSignal, beat, done: () => clearInterval(timer) };
}
