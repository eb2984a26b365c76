import type { Cli } from './cli.ts';
import { exit } from './exit.ts';

/** Placeholder until the runner exists. */
export async function testRunbooks(_cli: Cli, _files: readonly string[]): Promise<number> {
  return exit.failed;
}
