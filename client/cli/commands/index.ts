import type { Entry } from '../spec.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { watch } from './watch.ts';
import { moves } from './moves.ts';
import { incident } from './incident.ts';
import { alarm } from './alarm.ts';
import { hosts } from './hosts.ts';
import { people } from './people.ts';
import { config } from './config.ts';
import { platform } from './platform.ts';
import { parts } from './parts.ts';
import { completion } from './completion.ts';

/** The command table, in the order help shows it. */
export const entries: readonly Entry[] = [
  ...platform, run, watch, runs, ...moves, incident, alarm,
  hosts, people, config, ...parts, completion,
];
