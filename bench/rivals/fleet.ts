import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../workflows/domain/site.ts';
import { createLab } from '../../test/lab/lab.ts';
import { must } from '../../test/lab/run.ts';
import type { Lab } from '../../test/lab/spec.ts';
import { writeKnownHosts } from './openssh.ts';

/** Many logical hosts: one real sshd in a namespace of its own that answers on a whole range of addresses. */
export interface Fleet {
  readonly lab: Lab;
  readonly hosts: readonly Host[];
  readonly folder: string;
  /** known_hosts for the rivals. */
  readonly knownHosts: string;
  readonly stop: () => Promise<void>;
}

export async function createFleet(size: number): Promise<Fleet> {
  const lab = await createLab({ hosts: [{ name: 'fleet' }], listen: '0.0.0.0', sshd: ['MaxStartups 2000:30:4000', 'LogLevel ERROR'] });
  const base = lab.host('fleet');
  if (lab.kind !== 'namespaces') {
    await lab.stop();
    throw new Error('Lay out the fleet: it needs network namespaces; run the bench as root on Linux');
  }
  const [a, b] = base.address.split('.');
  const range = `${a}.${b}.128.0/20`;
  await lab.exec('fleet', ['ip', 'route', 'add', 'local', range, 'dev', 'lo']);
  await must(['ip', 'route', 'add', range, 'via', base.address]);
  const hosts = Array.from({ length: size }, (_, at): Host => ({
    ...base,
    name: `node${at}`,
    address: `${a}.${b}.${128 + Math.floor(at / 250)}.${1 + (at % 250)}`,
  }));
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-fleet-'));
  const knownHosts = join(folder, 'known_hosts');
  writeKnownHosts(knownHosts, hosts);
  return {
    lab,
    hosts,
    folder,
    knownHosts,
    stop: async () => {
      await lab.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A file with one address a line. */
export function writeList(fleet: Fleet, count: number): string {
  const path = join(fleet.folder, `hosts-${count}`);
  writeFileSync(
    path,
    fleet.hosts
      .slice(0, count)
      .map((host) => `${host.address}\n`)
      .join(''),
  );
  return path;
}
