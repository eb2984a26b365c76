import type { Script } from './fake-server.ts';

const step = { title: 'Collect evidence', done: 1, of: 1, problem: null, out: null, started_at: 1_000, ended_at: 3_000 };

/** A run as the server answers it. */
export function aRun(
  change: Record<string, unknown> = {},
  statuses: readonly string[] = ['ok', 'running', 'pending'],
): Record<string, unknown> {
  const status = (change['status'] as string | undefined) ?? 'running';
  const titles = ['Collect evidence', 'Cut the host off', 'Tell users'];
  return {
    id: 'run-12',
    position: 12,
    incident: null,
    parent: null,
    runbook: 'isolate_host',
    version: 1,
    title: 'Cut a host off',
    plan_hash: 'abc',
    mode: 'live',
    by: 'chen',
    reason: 'test',
    status,
    started: true,
    next: null,
    problem: null,
    created_at: Date.now() - 5_000,
    ended_at: ['ok', 'failed', 'aborted'].includes(status) ? Date.now() : null,
    state: {
      run: 'run-12',
      status,
      next: change['next'] ?? null,
      steps: titles.map((title, at) => ({ ...step, id: `s${at}`, title, status: statuses[at] ?? 'pending' })),
    },
    ...change,
  };
}

export const aLine = {
  subject: 'run-12',
  seq: 0,
  at: Date.now(),
  code: 'step_started',
  step: 's0',
  node: 'web-1',
  by: null,
  values: {},
  incident: null,
};

/** The run `run-12`, asked again and again: each answer in turn, the last for ever. */
export function runWorld(states: readonly Record<string, unknown>[], lines: readonly unknown[] = [aLine]): Script {
  let asked = 0;
  return {
    'GET /api/v1/runs/run-12': () => ({ body: { run: states[Math.min(asked++, states.length - 1)] } }),
    'GET /api/v1/runs/run-12/timeline': (request) => ({
      body: { timeline: lines.filter((line) => (line as { seq: number }).seq > Number(request.query.get('after') ?? -1)) },
    }),
    'POST /api/v1/runs/run-12/moves': { body: { accepted: true, status: 'running' } },
  };
}
