import pino from 'pino';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { migrate } from '../../../activities/records/migrate.ts';
import { createPool } from '../../../activities/records/pool.ts';
import { createRecords, type Records } from '../../../activities/records/records.ts';
import type { ServerDeps } from '../../../client/http/deps.ts';
import { createServer } from '../../../client/http/server.ts';
import type { Loaded, Shelf } from '../../../runbooks/shelf.ts';
import type { Plan, Trigger } from '../../../workflows/core/plan.ts';
import type { Site } from '../../../workflows/domain/site.ts';
import { freshDatabase } from '../../support/postgres.ts';

export const tokens = {
  operator: 'operator-token-0123456789',
  prometheus: 'prometheus-token-0123456789',
  script: 'script-token-0123456789',
};

export function makeSite(change: Partial<Site> = {}): Site {
  const ref = (key: string) => ({ from: 'env' as const, key });
  return {
    folder: '/nowhere',
    name: 'test',
    timezone: 'UTC',
    language: 'en',
    url: 'http://127.0.0.1:0',
    data: '/nowhere',
    listen: { host: '127.0.0.1', port: 0 },
    engine: { port: 0, http_port: 0, metrics_port: 0 },
    records: { port: 0 },
    operator_token: ref('operator'),
    mail: null,
    sources: [
      { name: 'prometheus', format: 'alertmanager', token: ref('prometheus'), runbooks: [] },
      { name: 'script', format: 'generic', token: ref('script'), runbooks: [] },
    ],
    hosts: [],
    people: [],
    fallback: { fatal: null, severe: null, general: null },
    runbooks: [],
    ...change,
  };
}

export function makePlan(runbook: string, triggers: readonly Trigger[] = [{ on: 'manual', roles: [] }], change: Partial<Plan> = {}): Plan {
  return {
    runbook,
    version: 1,
    title: `Title of ${runbook}`,
    owner: 'ops',
    severity: 'general',
    objectives: { rto_ms: null, rpo_ms: null },
    triggers,
    inputs: {},
    secrets: {},
    targets: {},
    lock: [],
    escalation: { fatal: [], severe: [], general: [] },
    checks: { before: [], after: [] },
    steps: [],
    on_failure: [],
    finally: [],
    drill: null,
    ...change,
  };
}

/** Binding that refuses a host called `nowhere`, as an empty target would. */
export function makeLibrary(plans: readonly Plan[]): Shelf {
  const all: Loaded[] = plans.map((plan) => ({ name: plan.runbook, plan, hash: `hash-${plan.runbook}`, path: `/${plan.runbook}.yaml` }));
  return {
    all: () => all,
    problems: () => [],
    get(name) {
      const found = all.find((one) => one.name === name);
      if (!found)
        throw new TocsinError(`finding runbook "${name}": there is none`, {
          code: 'E-NOT-FOUND',
          hint: `known: ${all.map((one) => one.name).join(', ')}`,
        });
      return found;
    },
    bind(_loaded, inputs) {
      if (inputs.host === 'nowhere')
        throw new TocsinError('binding target "host": no node matches', { code: 'E-BIND', hint: 'add it to hosts.yaml' });
      return { inputs: { ...inputs }, targets: {} };
    },
    refresh: async () => undefined,
    close: () => undefined,
  };
}

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what the answer should hold
  readonly body: any;
  readonly headers: Headers;
}

export interface Fixture {
  readonly url: string;
  readonly records: Records;
  /** `get /api/v1/runs/{id}` */
  readonly routes: readonly string[];
  readonly close: () => Promise<void>;
  readonly post: (path: string, body: unknown, token?: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly get: (path: string, token?: string) => Promise<Answer>;
}

export async function openServer(change: Partial<ServerDeps> = {}): Promise<Fixture> {
  const database = await freshDatabase();
  const pool = createPool({ url: database.url });
  await migrate(pool);
  const records = createRecords(pool);
  const app = createServer({
    site: () => makeSite(),
    records,
    library: makeLibrary([makePlan('demo')]),
    log: pino({ level: 'silent' }),
    temporal: async () => {
      throw new TocsinError('reaching the engine: it is down', { code: 'E-ENGINE-DOWN', retry: true });
    },
    secret: (ref) => tokens[ref.key as keyof typeof tokens] ?? null,
    ...change,
  });
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push(
      ...[method]
        .flat()
        .filter((one) => one !== 'HEAD')
        .map((one) => `${one.toLowerCase()} ${url.replace(/:(\w+)/g, '{$1}')}`),
    );
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  async function answer(response: Response) {
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
    };
  }
  return {
    url,
    records,
    routes,
    async close() {
      await app.close();
      await pool.end().catch(() => undefined);
      await database.close();
    },
    post: async (path, body, token = tokens.operator, headers = {}) =>
      answer(
        await fetch(url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
          body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        }),
      ),
    get: async (path, token = tokens.operator) =>
      answer(await fetch(url + path, { headers: token ? { authorization: `Bearer ${token}` } : {} })),
  };
}
