import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { generationOf, serverVersionOf } from './version.ts';
import type { Generation } from './version.ts';

export interface Binary {
  readonly path: string;
  /** Version of the server inside, `1.29.1`. */
  readonly server: string;
  readonly generation: Generation | null;
}

/** Asks a `temporal` program what it is; `null` = not there, does not run, or is something else. */
export function inspectBinary(path: string): Promise<Binary | null> {
  return new Promise((resolve) => {
    execFile(path, ['--version'], { timeout: 20_000 }, (error, stdout) => {
      const server = error ? null : serverVersionOf(stdout);
      resolve(server === null ? null : { path, server, generation: generationOf(server) });
    });
  });
}

/** First runnable file of that name on PATH. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const directory of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}
