import type { JsonMap } from '../../../workflows/domain/words.ts';
import type { HostDefaults, HostEntry } from './shapes.ts';
import type { Host } from '../../../workflows/domain/site.ts';
import { resolvePath } from './files.ts';

/** What one inventory says about a host; every key may be left to another inventory or to the defaults. */
export type FoundHost = HostEntry & { readonly name: string };

/** The later one wins, key by key; tags add up, variables are laid over each other. */
export function overlay(under: FoundHost | undefined, over: FoundHost): FoundHost {
  if (under === undefined) return over;
  const given = Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined));
  return {
    ...under,
    ...given,
    name: over.name,
    tags: [...new Set([...(under.tags ?? []), ...(over.tags ?? [])])],
    vars: { ...under.vars, ...over.vars },
  };
}

/** Defaults in one place. */
export function finishHost(found: FoundHost, defaults: HostDefaults, folder: string): Host {
  const entry = overlay({ ...defaults, name: found.name }, found);
  const { sql } = entry;
  const sqlDefaults = defaults.sql ?? {};
  return {
    name: found.name,
    address: entry.address ?? found.name,
    tags: entry.tags ?? [],
    vars: (entry.vars ?? {}) as JsonMap,
    port: entry.port ?? 22,
    user: entry.user ?? 'root',
    key: entry.key === undefined ? null : resolvePath(folder, entry.key),
    host_keys: entry.host_keys ?? [],
    known_hosts: entry.known_hosts === undefined ? null : resolvePath(folder, entry.known_hosts),
    jump: (entry.jump ?? []).filter((name) => name !== found.name),
    production: entry.production ?? true,
    sql:
      sql === undefined
        ? null
        : {
            port: sql.port ?? sqlDefaults.port ?? 5432,
            user: sql.user ?? sqlDefaults.user ?? 'postgres',
            database: sql.database ?? sqlDefaults.database ?? 'postgres',
            password_env: sql.password_env ?? sqlDefaults.password_env ?? null,
          },
  };
}
