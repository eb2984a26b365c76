import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Site } from '../../../workflows/domain/site.ts';
import type { Part } from '../part.ts';
import type { Place } from '../place.ts';
import type { Binary } from '../temporal/binary.ts';
import { raiseRetention, startEngine, waitForEngine } from '../temporal/engine.ts';
import { checkStamp, readStamp } from '../temporal/stamp.ts';
import { supplyTemporal } from '../temporal/supply.ts';
import type { Say } from '../temporal/supply.ts';
import { requireFreePort } from '../taken.ts';

export interface EnginePartOptions {
  readonly place: Place;
  readonly ports: Site['engine'];
  readonly env: NodeJS.ProcessEnv;
  readonly say: Say;
}

/** The embedded Temporal server of a site. */
export function enginePart({ place, ports, env, say }: EnginePartOptions): Part {
  const address = `127.0.0.1:${ports.port}`;
  let binary: Binary | null = null;
  return {
    name: 'engine',
    port: ports.port,
    stop: { signal: 'SIGTERM', grace_ms: 10_000 },
    launch: async (log) => {
      binary ??= await supplyTemporal({ env, say, generation: readStamp(place.engineFile)?.generation ?? null });
      await requireFreePort(ports.port, 'engine.port', 'engine');
      await requireFreePort(ports.http_port, 'engine.http_port', 'engine');
      await requireFreePort(ports.metrics_port, 'engine.metrics_port', 'engine');
      mkdirSync(dirname(place.engineFile), { recursive: true, mode: 0o700 });
      checkStamp(place.engineFile, binary);
      return startEngine({ binary: binary.path, flags: { ...ports, file: place.engineFile }, stdio: ['ignore', log, log] });
    },
    ready: async () => {
      await waitForEngine(address);
      await raiseRetention(address);
    },
  };
}
