import { homedir } from 'node:os';
import { join } from 'node:path';
import { pinned } from './version.ts';

/** Tocsin's folder in the user's cache. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'tocsin');
}

/** Where the pinned server is kept: `~/.cache/tocsin/temporal-1.5.1/temporal`. */
export function cachedBinary(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDirectory(env), `temporal-${pinned.cli}`, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}
