import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ServerDeps } from '../deps.ts';
import { check, word } from '../input.ts';

const nameParam = z.object({ name: word });
export const planRequest = z.strictObject({ inputs: z.record(z.string(), z.json()).default({}) });

export function registerRunbooks(app: FastifyInstance, deps: ServerDeps): void {
  app.get('/runbooks', async () => ({
    runbooks: deps.library.all().map(({ name, plan, hash, path }) => ({
      name,
      version: plan.version,
      title: plan.title,
      owner: plan.owner,
      severity: plan.severity,
      hash,
      path,
      triggers: plan.triggers.map((trigger) => trigger.on),
      steps: plan.steps.length,
    })),
    problems: deps.library.problems(),
  }));

  app.get('/runbooks/:name', async (request) => {
    const { name, plan, hash, path } = deps.library.get(check(nameParam, request.params, 'reading the address').name);
    return { name, hash, path, plan };
  });

  /** What a run would do, on which hosts; nothing is started or stored. */
  app.post('/runbooks/:name/plan', async (request) => {
    const loaded = deps.library.get(check(nameParam, request.params, 'reading the address').name);
    const bound = deps.library.bind(loaded, check(planRequest, request.body, 'planning a run').inputs);
    return { name: loaded.name, hash: loaded.hash, plan: loaded.plan, ...bound };
  });
}
