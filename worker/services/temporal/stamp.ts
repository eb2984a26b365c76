import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { TocsinError } from '../../../activities/platform/errors.ts';
import type { Binary } from './binary.ts';
import type { Generation } from './version.ts';

/** Kept beside the engine's file, since the file itself does not say who wrote it. */
export interface Stamp {
  readonly generation: Generation;
  readonly server: string;
  /** When the file was first made, ISO. */
  readonly created: string;
  /** Server that opened it last. */
  readonly opened_by: string;
}

const stampOf = (file: string) => `${file}.stamp.json`;

/** What wrote the engine's file; `null` = no file yet. Throws when there is a file of unknown origin. */
export function readStamp(file: string): Stamp | null {
  if (!existsSync(file)) return null;
  try {
    const stamp = JSON.parse(readFileSync(stampOf(file), 'utf8')) as Partial<Stamp>;
    if (typeof stamp.generation === 'string' && typeof stamp.server === 'string') return stamp as Stamp;
  } catch {
    // Told below.
  }
  throw new TocsinError(
    `the engine file "${file}" has no readable stamp beside it ("${stampOf(file)}"): nobody knows which server wrote it`,
    {
      code: 'E-ENGINE-STAMP',
      hint: 'If Tocsin made it, put the stamp back from a backup; otherwise move the file away and start with a fresh one. Records and reports are not in it.',
    },
  );
}

/** Refuses a file of another generation; stamps a new one before the server makes it. */
export function checkStamp(file: string, binary: Binary): void {
  const known = readStamp(file);
  if (binary.generation === null) {
    throw new TocsinError(`server ${binary.server} at "${binary.path}" has a file layout this Tocsin does not know`, {
      code: 'E-ENGINE-GENERATION',
      hint: 'Unset TOCSIN_TEMPORAL to use the pinned server.',
    });
  }
  if (known !== null && known.generation !== binary.generation) {
    throw new TocsinError(
      `the engine file "${file}" is of generation ${known.generation} (server ${known.server}), but server ${binary.server} is of generation ${binary.generation}`,
      {
        code: 'E-ENGINE-GENERATION',
        hint: `Set TOCSIN_TEMPORAL to a server ${known.server} to go on, or let the runs end, move "${file}" away and start again: records and reports are kept in PostgreSQL.`,
      },
    );
  }
  const stamp: Stamp = {
    generation: binary.generation,
    server: known?.server ?? binary.server,
    created: known?.created ?? new Date().toISOString(),
    opened_by: binary.server,
  };
  writeFileSync(`${stampOf(file)}.new`, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(`${stampOf(file)}.new`, stampOf(file));
}
