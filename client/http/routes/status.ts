import type { FastifyInstance } from 'fastify';
import { queues } from '../../../workflows/messages.ts';
import type { ServerDeps } from '../deps.ts';

/** Where the platform stands, part by part, and what happens next. */
export function registerStatus(app: FastifyInstance, deps: ServerDeps): void {
  app.get('/status', async () => {
    const [records, engine] = await Promise.all([recordsState(deps), engineState(deps)]);
    const site = deps.site();
    return {
      site: { name: site.name, url: site.url, folder: site.folder },
      records,
      engine,
      runbooks: { ready: deps.library.all().length, problems: deps.library.problems().length },
    };
  });
}

async function recordsState(deps: ServerDeps): Promise<object> {
  try {
    const [alarms, incidents, runs] = await Promise.all([
      deps.records.alarms.counts(),
      deps.records.incidents.list({ open: true, limit: 20 }),
      deps.records.runs.list({ live: true, limit: 20 }),
    ]);
    return {
      up: true,
      alarms,
      open_incidents: incidents.items.map(({ id, title, severity, phase, next }) => ({ id, title, severity, phase, next })),
      live_runs: runs.items.map(({ id, title, status, next }) => ({ id, title, status, next })),
    };
  } catch (error) {
    return { up: false, problem: (error as Error).message };
  }
}

async function engineState(deps: ServerDeps): Promise<object> {
  try {
    const client = await deps.temporal();
    const queue = await client.withDeadline(Date.now() + 2_000, () =>
      client.workflowService.describeTaskQueue({ namespace: client.options.namespace, taskQueue: { name: queues.control } }),
    );
    // A poller not seen for over a minute has gone.
    const pollers = (queue.pollers ?? []).filter((poller) => Date.now() - Number(poller.lastAccessTime?.seconds ?? 0) * 1_000 < 70_000);
    return { up: true, workers: pollers.map((poller) => poller.identity ?? '') };
  } catch (error) {
    return { up: false, workers: [], problem: (error as Error).message };
  }
}
