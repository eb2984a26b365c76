import { stepKinds } from '../../../activities/steps/index.ts';
import { approve } from './approve.ts';
import type { Kind } from './kind.ts';
import { manual } from './manual.ts';
import { runbook } from './runbook.ts';
import { set } from './set.ts';
import { wait } from './wait.ts';

export type { Kind } from './kind.ts';

const hands: readonly Kind[] = stepKinds.map(({ id, words, shape, place, risk, idempotent, chunk }) => ({
  id,
  words,
  shape,
  place,
  risk,
  idempotent,
  chunk,
  where: 'hand',
  timeout_ms: 60_000,
}));

/** Every step kind, by id. */
export const kinds: ReadonlyMap<string, Kind> = register([...hands, approve, manual, runbook, set, wait]);

function register(all: readonly Kind[]): Map<string, Kind> {
  const map = new Map<string, Kind>();
  for (const kind of all) {
    if (map.has(kind.id)) throw new Error(`the step kind "${kind.id}" is registered twice`);
    map.set(kind.id, kind);
  }
  return map;
}
