import type { Site } from '../workflows/domain/site.ts';
import { TocsinError } from '../activities/platform/errors.ts';
import { localDatabaseUrl } from './services/parts/records.ts';
import { placeOf } from './services/place.ts';
import { remoteTemporal } from './services/temporal/remote.ts';

export interface Connections {
  /** PostgreSQL that somebody else runs, or `null`: the embedded one. */
  readonly foreignRecords: string | null;
  /** Address of a Temporal server that somebody else runs, or `null`: the embedded one. */
  readonly foreignEngine: string | null;
}

export function connectionsOf(env: NodeJS.ProcessEnv): Connections {
  return { foreignRecords: env['DATABASE_URL'] || null, foreignEngine: remoteTemporal(env)?.connectionOptions.address ?? null };
}

/** Where records and engine of a site are, whoever runs them; for a part started alone, and for looking. */
export function environmentOf(site: Site, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { foreignRecords, foreignEngine } = connectionsOf(env);
  const records = foreignRecords ?? localDatabaseUrl(placeOf(site.data), site.records.port);
  if (records === null) {
    throw new TocsinError(`the records of "${site.folder}" have never been started and DATABASE_URL is not set`, {
      code: 'E-RECORDS-NONE',
      hint: 'Run tocsin up (or tocsin records) first, or set DATABASE_URL.',
    });
  }
  return {
    ...env,
    DATABASE_URL: records,
    // A remote one is read by the part itself, with its profile, keys and certificates.
    ...(foreignEngine === null ? { TEMPORAL_ADDRESS: `127.0.0.1:${site.engine.port}` } : {}),
    TOCSIN_SITE: site.folder,
  };
}
