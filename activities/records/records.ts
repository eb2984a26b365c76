import type { Pool } from 'pg';
import { createAlarms, type AlarmRecords } from './alarms.ts';
import { createDeliveries, type DeliveryRecords } from './deliveries.ts';
import { createEvidence, type EvidenceRecords } from './evidence.ts';
import { createFollowUps, type FollowUpRecords } from './follow-ups.ts';
import { createIncidents, type IncidentRecords } from './incidents.ts';
import { createLinks, type LinkRecords } from './links.ts';
import { createOutputs, type OutputRecords } from './outputs.ts';
import { createPlans, type PlanRecords } from './plans.ts';
import { createRuns, type RunRecords } from './runs.ts';
import { createTimeline, type TimelineRecords } from './timeline.ts';

/** Everything that happened, grouped by noun. Every write is idempotent by an id its caller derives. */
export interface Records {
  readonly pool: Pool;
  readonly alarms: AlarmRecords;
  readonly incidents: IncidentRecords;
  readonly runs: RunRecords;
  readonly plans: PlanRecords;
  readonly timeline: TimelineRecords;
  readonly outputs: OutputRecords;
  readonly deliveries: DeliveryRecords;
  readonly links: LinkRecords;
  readonly followUps: FollowUpRecords;
  /** What `record` steps wrote down (table `record`). */
  readonly evidence: EvidenceRecords;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
}

export function createRecords(pool: Pool): Records {
  return {
    pool,
    alarms: createAlarms(pool),
    incidents: createIncidents(pool),
    runs: createRuns(pool),
    plans: createPlans(pool),
    timeline: createTimeline(pool),
    outputs: createOutputs(pool),
    deliveries: createDeliveries(pool),
    links: createLinks(pool),
    followUps: createFollowUps(pool),
    evidence: createEvidence(pool),
    async ping() {
      await pool.query('select 1');
    },
  };
}
