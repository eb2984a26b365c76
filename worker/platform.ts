import type { Site } from '../workflows/domain/site.ts';
import { connectionsOf, environmentOf } from './connections.ts';
import type { Part } from './services/part.ts';
import { enginePart } from './services/parts/engine.ts';
import { programPart } from './services/parts/program.ts';
import { migrateRecords, recordsPart } from './services/parts/records.ts';
import { makePlace, partNames } from './services/place.ts';
import type { PartName } from './services/place.ts';
import { supervise } from './services/supervisor.ts';
import type { Supervisor } from './services/supervisor.ts';

export interface PlatformOptions {
  readonly site: Site;
  readonly env: NodeJS.ProcessEnv;
  /** One line for people at a time. */
  readonly say: (line: string) => void;
  /** Only these parts; left out = all that nobody else runs for us. */
  readonly only?: readonly PartName[];
  /** Gives up a start under way. */
  readonly signal?: AbortSignal;
}

/**
 * Thousands of small workflow tasks let V8 widen the young generation of both threads to its limit for nothing, and keep the garbage of
 * a burst: 5,000 waiting runs then cost 680 MB. `docker-compose.yml` starts the worker in the same way; see decision 0503.
 */
const workerFlags = ['--max-semi-space-size=4'] as const;
/** For glibc: two arenas for all threads, and freed memory goes back to the system. */
const workerMemory = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/** A worker gets this long to hand over what it does on hosts, the others less. */
export const grace_ms = { worker: 40_000, server: 10_000 } as const;

/** Starts the parts of a site in this process' care. */
export async function startPlatform(options: PlatformOptions): Promise<Supervisor> {
  const { site, env, say } = options;
  const place = makePlace(site.data);
  const foreign = connectionsOf(env);
  const wanted = (options.only ?? partNames).filter((name) => {
    const elsewhere = name === 'records' ? foreign.foreignRecords : name === 'engine' ? foreign.foreignEngine : null;
    if (elsewhere !== null) say(`${name} is run elsewhere: ${withoutPassword(elsewhere)}`);
    return elsewhere === null;
  });
  if (foreign.foreignRecords !== null && (options.only ?? ['records']).includes('records')) await migrateRecords(foreign.foreignRecords);
  return supervise({
    place,
    say,
    parts: wanted.map((name) => partOf(name, options)),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

function partOf(name: PartName, { site, env, say }: PlatformOptions): Part {
  const place = makePlace(site.data);
  switch (name) {
    case 'records':
      return recordsPart(place, site.records.port);
    case 'engine':
      return enginePart({ place, ports: site.engine, env, say });
    case 'worker':
      return programPart({
        name,
        entry: 'worker/main.js',
        flags: workerFlags,
        preload: 'worker/tidy.js',
        env: () => ({ ...workerMemory, ...environmentOf(site, env) }),
        port: null,
        grace_ms: grace_ms.worker,
      });
    case 'server':
      return programPart({
        name,
        entry: 'client/http/main.js',
        env: () => environmentOf(site, env),
        port: site.listen.port,
        grace_ms: grace_ms.server,
        listens: { ...site.listen, setting: 'listen.port' },
        health: healthUrl(site),
      });
  }
}

export function healthUrl(site: Site): string {
  const host = ['0.0.0.0', '::', ''].includes(site.listen.host) ? '127.0.0.1' : site.listen.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${site.listen.port}/healthz`;
}

export function withoutPassword(url: string): string {
  return url.replace(/\/\/([^:@/]+):[^@]*@/, '//$1:…@');
}
