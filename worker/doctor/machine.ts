import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { findOnPath } from '../services/temporal/binary.ts';
import { bad, good } from './check.ts';
import type { Check } from './check.ts';

const floor = { major: 22, minor: 12 } as const;
/** Records, histories and logs of a small site fill this in months, not days. */
const free_bytes_min = 1024 ** 3;

/** Programs that hands call on this machine, and the Debian package of each. */
const programs: Readonly<Record<string, { readonly package: string; readonly use: string }>> = {
  ssh: { package: 'openssh-client', use: 'to look at hosts by hand' },
  ping: { package: 'iputils-ping', use: 'for the ping probe' },
};

export function checkNode(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > floor.major || (major === floor.major && minor >= floor.minor)) return good('node', version);
  return bad(
    'node',
    version,
    `Start by npm start or bin/tocsin, which use the Node of this project, or install Node ${floor.major}.${floor.minor} or newer.`,
  );
}

export function checkPrograms(env: NodeJS.ProcessEnv): Check[] {
  const path = { ...env, PATH: `${env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  return Object.entries(programs).map(([name, { package: debian, use }]) => {
    const found = findOnPath(name, path);
    return found
      ? good(`program ${name}`, found)
      : bad(`program ${name}`, `not on PATH; needed ${use}`, `apt-get install --no-install-recommends ${debian}`);
  });
}

export function checkDisk(folder: string): Check {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const { bavail, bsize } = statfsSync(at);
  const free = bavail * bsize;
  const found = `${(free / 1024 ** 3).toFixed(1)} GB free for ${folder}`;
  return free >= free_bytes_min
    ? good('disk', found)
    : bad('disk', found, `Make room, or set "data" in site.yaml to a larger disk. Look with: du -xh ${folder} | sort -h | tail`);
}
