import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const partNames = ['records', 'engine', 'worker', 'server'] as const;
export type PartName = (typeof partNames)[number];

/** Where the platform keeps what it writes, below the site's data directory. */
export interface Place {
  readonly data: string;
  readonly engineFile: string;
  readonly records: string;
  readonly logs: string;
  readonly run: string;
  /** Output of the supervisor when it is detached. */
  readonly upLog: string;
  readonly log: (part: PartName) => string;
  readonly lock: (part: PartName) => string;
  readonly state: (part: PartName) => string;
}

export function placeOf(data: string): Place {
  const logs = join(data, 'logs');
  const run = join(data, 'run');
  return {
    data,
    engineFile: join(data, 'engine', 'temporal.db'),
    records: join(data, 'records'),
    logs,
    run,
    upLog: join(logs, 'up.log'),
    log: (part) => join(logs, `${part}.log`),
    lock: (part) => join(run, `${part}.lock`),
    state: (part) => join(run, `${part}.json`),
  };
}

export function makePlace(data: string): Place {
  const place = placeOf(data);
  mkdirSync(data, { recursive: true, mode: 0o755 });
  for (const folder of [join(data, 'engine'), place.logs, place.run]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return place;
}
