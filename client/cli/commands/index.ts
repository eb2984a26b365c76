import type { Entry } from '../spec.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { watch } from './watch.ts';
import { moves } from './moves.ts';
import { incident } from './incident.ts';
import { alarm } from './alarm.ts';
import { people } from './people.ts';
import { config } from './config.ts';
import { completion } from './completion.ts';

/** The command table, in the order help shows it. */
export const entries: readonly Entry[] = [
  run, watch, runs, ...moves, incident, alarm,
  people, config, completion,
];
