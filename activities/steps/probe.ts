import { z } from 'zod';
import type { Outcome } from '../../workflows/core/run.ts';
import { done, failed, problemOf } from '../hand/outcome.ts';
import { hostNamed } from '../hand/place.ts';
import { probes, probeIds } from '../probes/index.ts';
import type { Seen } from '../probes/probe.ts';
import { TocsinError } from '../platform/errors.ts';
import type { StepKind, UnitContext } from './kind.ts';
import { text } from './written.ts';

const target = text.min(1);
const shape = z
  .strictObject({
    tcp: target.optional().describe('HOST:PORT that must accept a connection'),
    http: target.optional().describe('Address that must answer 200 to 399'),
    ping: target.optional().describe('Host that must answer one echo'),
    postgres: target.optional().describe('HOST, HOST:PORT or a node whose PostgreSQL must accept connections'),
    from: text.min(1).optional().describe('Node to look from; without it the worker looks'),
  })
  .refine((args) => probeIds.filter((id) => args[id] !== undefined).length === 1, `needs exactly one of ${probeIds.join(', ')}`);

/** Longer than this nobody calls a thing up; a step's own `timeout` may be shorter. */
const patience_ms = 5_000;

/** Whether something answers. Result: `{up, ms}` and `detail`; not up is a failure of the step unless `expect` says otherwise. */
export const probe: StepKind = {
  id: 'probe',
  words: {
    en: { title: 'Probe', help: 'Looks whether an address answers, from here or from another node' },
    zh: { title: '探测', help: '从本机或指定节点检查某地址是否有响应' },
  },
  shape,
  place: null,
  risk: () => 'read',
  idempotent: true,
  chunk: 100,
  run,
};

async function run({ deps, perform, unit, args, signal }: UnitContext): Promise<Outcome> {
  const began = Date.now();
  const given = shape.parse(args);
  const id = probeIds.find((one) => given[one] !== undefined)!;
  const wanted = given[id]!;
  const kind = probes[id];
  const timeout_ms = Math.min(perform.timeout_ms ?? patience_ms, patience_ms);
  try {
    const site = deps.site();
    const seen: Seen =
      given.from === undefined
        ? await kind.look({ target: wanted, site, timeout_ms, signal })
        : await kind.lookFrom({ target: wanted, site, timeout_ms, signal, host: hostNamed(given.from, site), ssh: deps.ssh });
    const result = { up: seen.up, ms: seen.ms, ...(seen.detail === null ? {} : { detail: seen.detail }) };
    if (seen.up) return done(result, { unit, began });
    const place = given.from === undefined ? '' : ` from "${given.from}"`;
    return failed(
      { kind: 'expect', message: `Probing ${id} "${wanted}"${place}: not up (${seen.detail ?? 'no answer'})`, hint: null },
      { unit, began, ran: 'yes', result },
    );
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return failed(problemOf(error, 'unreachable'), { unit, began, ran: 'no' });
  }
}
