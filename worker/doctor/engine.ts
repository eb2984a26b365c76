import { existsSync } from 'node:fs';
import { TocsinError } from '../../activities/platform/errors.ts';
import type { Site } from '../../workflows/domain/site.ts';
import { listenAddresses } from '../services/ports.ts';
import { placeOf } from '../services/place.ts';
import { findOnPath, inspectBinary } from '../services/temporal/binary.ts';
import { cachedBinary } from '../services/temporal/cache.ts';
import { askEngine } from '../services/temporal/engine.ts';
import { remoteTemporal } from '../services/temporal/remote.ts';
import { readStamp } from '../services/temporal/stamp.ts';
import { pinned } from '../services/temporal/version.ts';
import { bad, good } from './check.ts';
import type { Check } from './check.ts';

export async function checkEngine(site: Site, env: NodeJS.ProcessEnv, up: boolean): Promise<Check[]> {
  const remote = remoteTemporal(env);
  if (remote !== null)
    return [
      await answersAt(
        remote.connectionOptions.address ?? '',
        remote.namespace ?? 'default',
        'Look at TEMPORAL_ADDRESS and at that server; unset it to use the embedded engine.',
      ),
    ];
  const checks = [
    await checkBinary(site, env),
    checkExposed(
      site.engine.port,
      'engine port',
      'The engine has no log-in: let it listen on 127.0.0.1 only. End whatever opened it, then: tocsin up',
    ),
  ];
  if (up)
    checks.push(
      await answersAt(
        `127.0.0.1:${site.engine.port}`,
        'default',
        `Read ${placeOf(site.data).log('engine')}, then: tocsin down && tocsin up`,
      ),
    );
  return checks;
}

async function checkBinary(site: Site, env: NodeJS.ProcessEnv): Promise<Check> {
  const file = placeOf(site.data).engineFile;
  try {
    const stamp = readStamp(file);
    const candidates = [env['TOCSIN_TEMPORAL'], findOnPath('temporal', env), existsSync(cachedBinary(env)) ? cachedBinary(env) : null];
    for (const path of candidates.filter((one): one is string => Boolean(one))) {
      const binary = await inspectBinary(path);
      if (binary === null || binary.generation === null) continue;
      if (stamp === null || stamp.generation === binary.generation) return good('engine program', `server ${binary.server}, ${path}`);
    }
    const wanted = stamp === null ? '' : ` for the engine file of generation ${stamp.generation}`;
    return bad(
      'engine program',
      `no Temporal server${wanted} on this machine`,
      `npm run setup (downloads or builds server ${pinned.server}), or set TOCSIN_TEMPORAL to the path of one`,
    );
  } catch (error) {
    return bad('engine file', (error as Error).message, (error instanceof TocsinError && error.hint) || `Look at ${file}`);
  }
}

async function answersAt(address: string, namespace: string, mend: string): Promise<Check> {
  try {
    const { serverVersion } = await askEngine(address, namespace);
    return good('engine', `server ${serverVersion} answers at ${address}`);
  } catch (error) {
    return bad('engine', `no answer at ${address}: ${(error as Error).message}`, mend);
  }
}

/** Somebody who can reach the engine's port can do everything: only this machine may. */
export function checkExposed(port: number, name: string, mend: string): Check {
  const open = listenAddresses(port).filter((address) => !address.startsWith('127.') && address !== '::1');
  return open.length === 0 ? good(name, `${port} is not open to other machines`) : bad(name, `${port} listens on ${open.join(', ')}`, mend);
}
