import type { Entry } from '../spec.ts';
import { platform } from './platform.ts';
import { run } from './run.ts';
import { watch } from './watch.ts';
import { runs } from './runs.ts';
import { moves } from './moves.ts';
import { incident } from './incident.ts';
import { alarm } from './alarm.ts';
import { plan } from './plan.ts';
import { simulate } from './simulate.ts';
import { runbook } from './runbook.ts';
import { check } from './check.ts';
import { init } from './init.ts';
import { hosts } from './hosts.ts';
import { people } from './people.ts';
import { config } from './config.ts';
import { parts } from './parts.ts';
import { completion } from './completion.ts';

/** The command table, in the order help shows it. */
export const entries: readonly Entry[] = [
  ...platform,
  run,
  watch,
  runs,
  ...moves,
  incident,
  alarm,
  plan,
  simulate,
  runbook,
  check,
  init,
  hosts,
  people,
  config,
  ...parts,
  completion,
];
