import { engineVersion } from '../workflows/core/plan.ts';
import type { RunInput } from '../workflows/core/run.ts';
import type { ScheduledRequest } from '../workflows/messages.ts';
import type { Binder } from './bind.ts';
import type { Deps } from './deps.ts';

export interface ScheduledActivities {
  /** Settles what a scheduled run is started with and notes it; `null` when it cannot be started, which an alarm then says. */
  openScheduledRun(request: ScheduledRequest & { readonly run: string }): Promise<RunInput | null>;
}

export function createScheduledActivities(deps: Deps, binder: Binder | null): ScheduledActivities {
  return {
    async openScheduledRun({ run, runbook, when }) {
      const known = await deps.records.runs.input(run);
      // A retry after the answer was lost: the run stays what it was, whatever the files say now.
      if (known !== null) return known;
      try {
        if (binder === null) throw new Error('this worker has no library');
        const { plan, hash, inputs, targets } = await binder.bind({ name: runbook, version: null, inputs: {} });
        const input: RunInput = {
          run,
          incident: null,
          plan,
          plan_hash: hash,
          engine_version: engineVersion,
          inputs,
          targets,
          alarm: null,
          by: 'schedule',
          reason: when,
          mode: 'live',
          hold: null,
        };
        await deps.records.runs.create({ input, started: true });
        return input;
      } catch (error) {
        // Records that are away are asked again; what the files say is for people to mend.
        if (!(error instanceof Error) || error.name !== 'TocsinError') throw error;
        await tellPeople(deps, { run, runbook, why: error.message });
        return null;
      }
    },
  };
}

/** A run that should have begun and did not is an alarm like any other: it is kept, converges, and pages. */
async function tellPeople(
  deps: Deps,
  { run, runbook, why }: { readonly run: string; readonly runbook: string; readonly why: string },
): Promise<void> {
  const body = Buffer.from(JSON.stringify({ run, runbook, why }));
  await deps.records.alarms.accept('tocsin', body, [
    {
      source: 'tocsin',
      dedup_key: `schedule ${runbook}`,
      status: 'firing',
      name: 'schedule_not_started',
      summary: `${run} did not begin: ${why}`.slice(0, 1_000),
      source_severity: null,
      severity: 'general',
      labels: { runbook },
      annotations: {},
      starts_at: null,
      ends_at: null,
      links: [],
    },
  ]);
}
