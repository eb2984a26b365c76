import { existsSync } from 'node:fs';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { findOnPath, inspectBinary } from './binary.ts';
import type { Binary } from './binary.ts';
import { buildTemporal } from './build.ts';
import { cachedBinary } from './cache.ts';
import { downloadTemporal } from './download.ts';
import type { Generation } from './version.ts';
import { pinned } from './version.ts';

/** Tells a person what goes on; one line at a time. */
export type Say = (line: string) => void;

export interface SupplyOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly say: Say;
  /** Schema generation of the engine's file; `null` = there is no file yet. */
  readonly generation?: Generation | null;
}

/**
 * Finds or makes the Temporal server, in this order: `TOCSIN_TEMPORAL`, `temporal` on PATH, the user's cache,
 * the official download, a build with Go. (An address in `TEMPORAL_ADDRESS` or a profile comes before all of them:
 * see `remote.ts`.) Throws `E-ENGINE-BINARY` when there is no way, `E-ENGINE-GENERATION` when the one named does not fit the file.
 */
export async function supplyTemporal(options: SupplyOptions): Promise<Binary> {
  return (await fromVariable(options)) ?? (await fromPath(options)) ?? (await fromCache(options)) ?? (await makeOne(options));
}

async function fromVariable({ env, generation }: SupplyOptions): Promise<Binary | null> {
  const path = env['TOCSIN_TEMPORAL'];
  if (!path) return null;
  const binary = await inspectBinary(path);
  if (binary === null) {
    throw new TocsinError(
      `TOCSIN_TEMPORAL names "${path}", which ${existsSync(path) ? 'is not a Temporal server (temporal --version did not answer)' : 'does not exist'}`,
      {
        code: 'E-ENGINE-BINARY',
        hint: 'Point it at the "temporal" program, or unset it to let Tocsin look for one.',
      },
    );
  }
  if (fits(binary, generation)) return binary;
  throw new TocsinError(
    `TOCSIN_TEMPORAL names server ${binary.server}, which does not fit ${generation ? `the engine file of generation ${generation}` : 'any file layout this Tocsin knows'}`,
    {
      code: 'E-ENGINE-GENERATION',
      hint: `Unset TOCSIN_TEMPORAL to use the pinned server ${pinned.server}, or name one that fits.`,
    },
  );
}

async function fromPath({ env, say, generation }: SupplyOptions): Promise<Binary | null> {
  const path = findOnPath('temporal', env);
  if (path === null) return null;
  const binary = await inspectBinary(path);
  if (binary !== null && fits(binary, generation)) return binary;
  say(
    `"${path}" is passed over: ${binary === null ? 'it does not run' : `server ${binary.server} does not fit ${generation ? `the engine file of generation ${generation}` : 'any file layout this Tocsin knows'}`}`,
  );
  return null;
}

async function fromCache({ env, say, generation }: SupplyOptions): Promise<Binary | null> {
  const path = cachedBinary(env);
  if (!existsSync(path)) return null;
  const binary = await inspectBinary(path);
  if (binary === null) {
    say(`"${path}" does not run and will be replaced`);
    return null;
  }
  return requireFit(binary, generation);
}

async function makeOne({ env, say, generation }: SupplyOptions): Promise<Binary> {
  const target = cachedBinary(env);
  say(`Temporal ${pinned.cli}: trying the official download`);
  const noDownload = await downloadTemporal({ target, say });
  if (noDownload !== null) say(`no download: ${noDownload}`);
  const noBuild = noDownload === null ? null : await buildTemporal({ target, say, env });
  const binary = noBuild === null ? await inspectBinary(target) : null;
  if (binary !== null) return requireFit(binary, generation);
  throw new TocsinError(
    `cannot get the Temporal server ${pinned.server}: download: ${noDownload ?? 'gave nothing that runs'}; build with Go: ${noBuild ?? 'not tried'}`,
    {
      code: 'E-ENGINE-BINARY',
      hint: [
        'Three ways:',
        `(1) install Go 1.25 or newer and start again: it is built once in about 6 minutes;`,
        `(2) get the temporal command line ${pinned.cli} from its vendor on any machine and set TOCSIN_TEMPORAL to its path;`,
        '(3) set TEMPORAL_ADDRESS to a Temporal server of your own (docker-compose.yml brings one).',
      ].join(' '),
    },
  );
}

function requireFit(binary: Binary, generation: Generation | null | undefined): Binary {
  if (fits(binary, generation)) return binary;
  throw new TocsinError(
    `the engine file was written by a server of generation ${generation}, but server ${binary.server} is of generation ${binary.generation ?? 'unknown'}`,
    {
      code: 'E-ENGINE-GENERATION',
      hint: 'Set TOCSIN_TEMPORAL to a server of that generation to go on, or let the runs end, move the engine file away and start with a fresh one: records, reports and incidents are kept in PostgreSQL.',
    },
  );
}

function fits(binary: Binary, generation: Generation | null | undefined): boolean {
  if (binary.generation === null) return false;
  return generation === null || generation === undefined || binary.generation === generation;
}
