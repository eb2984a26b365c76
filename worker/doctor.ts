import { TocsinError } from '../activities/platform/errors.ts';
import type { Site } from '../workflows/domain/site.ts';
import { bad, good } from './doctor/check.ts';
import type { Check } from './doctor/check.ts';
import { checkEngine } from './doctor/engine.ts';
import { checkDisk, checkNode, checkPrograms } from './doctor/machine.ts';
import { checkRecords } from './doctor/records.ts';
import { checkHostKeys, checkKeyFiles, checkMail, checkPeople, checkPorts, checkSecrets } from './doctor/site.ts';
import { status } from './up.ts';

export type { Check };

export interface DoctorOptions {
  /** Reads the site; what it throws becomes a line of the answer. */
  readonly site: () => Promise<Site>;
  readonly env: NodeJS.ProcessEnv;
}

/** Looks at everything the platform stands on. Each failing line says what mends it. Changes nothing. */
export async function doctor({ site: open, env }: DoctorOptions): Promise<Check[]> {
  const checks: Check[] = [checkNode(), ...checkPrograms(env)];
  let site: Site;
  try {
    site = await open();
  } catch (error) {
    return [
      ...checks,
      bad(
        'site',
        (error as Error).message,
        (error instanceof TocsinError && error.hint) || 'tocsin check names each fault with file and line',
      ),
    ];
  }
  const parts = status(site);
  const up = (name: string) => parts.some((part) => part.name === name && part.pid !== null);
  const ours = new Set(parts.map((part) => part.pid).filter((pid): pid is number => pid !== null));
  return [
    ...checks,
    good('site', `${site.name}: ${site.hosts.length} hosts, ${site.people.length} people`),
    checkDisk(site.data),
    ...(await checkPorts(site, ours)),
    ...(await checkEngine(site, env, up('engine'))),
    ...(await checkRecords(site, env, up('records'))),
    ...checkSecrets(site, env),
    checkHostKeys(site),
    ...checkKeyFiles(site),
    await checkMail(site),
    checkPeople(site),
  ];
}
