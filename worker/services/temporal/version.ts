/** The one pinned version: the newest whose command line builds from the Go module proxy. */
export const pinned = { cli: '1.5.1', server: '1.29.1' } as const;

/**
 * Schema generation of the engine's file. The server creates its schema only in a new file and never checks it,
 * so a binary of another generation opens the file and fails at run time: we compare instead.
 */
export type Generation = '1.29' | '1.30' | '1.31';

/** Newest server whose file layout is known; a later one counts as unknown until somebody compared the schemas. */
const newestKnown = { minor: 32, patch: 2 };

/** `1.29` = up to 1.29.x, `1.31` = 1.31.0 to 1.32.2; `null` = not known. */
export function generationOf(serverVersion: string): Generation | null {
  const match = /^v?1\.(\d+)\.(\d+)/.exec(serverVersion);
  if (!match) return null;
  const minor = Number(match[1]);
  const patch = Number(match[2]);
  if (minor <= 29) return '1.29';
  if (minor === 30) return '1.30';
  if (minor < newestKnown.minor || (minor === newestKnown.minor && patch <= newestKnown.patch)) return '1.31';
  return null;
}

/** Server version out of `temporal --version`: `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
export function serverVersionOf(versionLine: string): string | null {
  return /\(Server v?(\d+\.\d+\.\d+)/.exec(versionLine)?.[1] ?? null;
}
