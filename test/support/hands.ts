import { pino } from 'pino';
import type { Deps } from '../../activities/deps.ts';
import type { StepKind } from '../../activities/steps/kind.ts';
import type { Outcome, Perform, Unit } from '../../workflows/core/run.ts';
import type { Host, Site } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';

/** A host as the inventory gives it, on this machine. */
export function hostOf(name: string, fields: Partial<Host> = {}): Host {
  return {
    name,
    address: '127.0.0.1',
    tags: [],
    vars: {},
    port: 22,
    user: 'root',
    key: null,
    host_keys: [],
    known_hosts: null,
    jump: [],
    production: false,
    sql: null,
    ...fields,
  };
}

export function siteOf(fields: Partial<Site> = {}): Site {
  return {
    folder: '/nowhere',
    name: 'test',
    timezone: 'UTC',
    language: 'en',
    url: 'http://127.0.0.1:7780',
    data: '/nowhere',
    listen: { host: '127.0.0.1', port: 0 },
    engine: { port: 0, http_port: 0, metrics_port: 0 },
    records: { port: 0 },
    operator_token: { from: 'env', key: 'TOKEN' },
    mail: null,
    sources: [],
    hosts: [],
    people: [],
    fallback: { fatal: null, severe: null, general: null },
    runbooks: [],
    ...fields,
  } as Site;
}

/** Only what a test says it has; anything else fails when it is touched. */
export function depsOf(fields: Partial<Deps> = {}): Deps {
  return { site: () => siteOf(), log: pino({ level: 'silent' }), now: Date.now, ...fields } as Deps;
}

export function performOf(fields: Partial<Perform> = {}): Perform {
  return {
    id: 'step#1',
    run: 'run-1',
    incident: null,
    mode: 'live',
    step: 'step',
    title: 'Step',
    role: 'do',
    kind: 'fake',
    args: {},
    units: [unitOf(null)],
    risk: 'read',
    idempotent: false,
    timeout_ms: 10_000,
    heartbeat_ms: 30_000,
    secrets: {},
    ...fields,
  };
}

export function unitOf(node: string | null, args: JsonMap | null = null): Unit {
  return { node, key: `run-1/step${node === null ? '' : `[${node}]`}#1`, args };
}

/** Runs one unit of a kind as its hand would. */
export function act(
  kind: StepKind,
  options: {
    readonly args: JsonMap;
    readonly deps?: Partial<Deps>;
    readonly perform?: Partial<Perform>;
    readonly unit?: Unit;
    readonly signal?: AbortSignal;
  },
): Promise<Outcome> {
  const unit = options.unit ?? unitOf(null);
  const perform = performOf({ kind: kind.id, args: options.args, units: [unit], risk: kind.risk(options.args), ...options.perform });
  const signal = options.signal ?? AbortSignal.timeout(perform.timeout_ms ?? 60_000);
  return kind.run({ deps: depsOf(options.deps), perform, unit, args: options.args, signal, resumed: null, beat: () => undefined });
}
