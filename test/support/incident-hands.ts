import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { IncidentActivities } from '../../activities/incident.ts';
import { defaultTiers } from '../../workflows/core/incident.ts';
import type { IncidentInput, IncidentRecord, Page } from '../../workflows/core/people.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Severity } from '../../workflows/domain/words.ts';

export const minute = 60_000;

/** The workflow `incident` alone, for tests whose hands only write down what they are asked. */
export async function incidentBundle(): Promise<WorkflowBundleWithSourceMap> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'error', forward: {} } } });
  return bundleWorkflowCode({ workflowsPath: join(__dirname, '../../workflows/incident.ts'), logger: new DefaultLogger('ERROR') });
}

/** Hands that write down what they are asked. */
export interface Stage {
  readonly pages: Page[];
  readonly records: IncidentRecord[];
  readonly reports: string[];
  readonly activities: IncidentActivities;
}

export function stage(dead: (page: Page) => boolean = () => false): Stage {
  const pages: Page[] = [];
  const records: IncidentRecord[] = [];
  const reports: string[] = [];
  return {
    pages,
    records,
    reports,
    activities: {
      async page(page) {
        pages.push(page);
        return dead(page) ? { delivered: [], failed: page.to } : { delivered: page.to, failed: [] };
      },
      async recordIncident(record) {
        records.push(record);
      },
      async writeReport(request) {
        reports.push(request.id);
      },
    },
  };
}

export function alarm(part: Partial<Alarm> = {}): Alarm {
  return {
    source: 'am',
    dedup_key: 'disk',
    status: 'firing',
    name: 'DiskFailing',
    summary: 'bad',
    source_severity: null,
    severity: 'fatal',
    labels: {},
    annotations: {},
    starts_at: 1,
    ends_at: null,
    links: [],
    ...part,
  };
}

export function inputAt(opened_at: number, incident: string, severity: Severity = 'fatal'): IncidentInput {
  return {
    incident,
    title: 'Disk failing',
    severity,
    service: null,
    opened_at,
    tiers: defaultTiers,
    first: ['on_duty'],
    commander: null,
    run: null,
    alarms: [],
    engine_version: 1,
  };
}

/** Whole minutes since the opening and who was told; a busy machine may be some seconds late, a page must never be early. */
export const told = (pages: readonly Page[], opened: number) =>
  pages.map((page) => [Math.floor((Number(page.values['at']) - opened) / minute), page.to.join(',')]);
