import type { Cli } from './cli.ts';
import { exit } from './exit.ts';

/** Placeholder until worker/doctor exists. */
export async function tellDoctor(_cli: Cli): Promise<number> {
  return exit.failed;
}
