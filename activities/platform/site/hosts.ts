import path from 'node:path';
import type { Finding } from '../../../workflows/domain/finding.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import type { Host } from '../../../workflows/domain/site.ts';
import { complain, type Report } from '../yaml/report.ts';
import { readAnsible } from './ansible.ts';
import { readShaped, resolvePath } from './files.ts';
import { finishHost, overlay, type FoundHost } from './found-host.ts';
import { hostsShape } from './shapes.ts';
import { readSshConfig } from './ssh-config.ts';

interface Hosts {
  readonly hosts: readonly Host[];
  readonly problems: readonly Finding[];
  /** Files read, to be watched for change. */
  readonly files: readonly string[];
}

/** All hosts of a site: ssh_config, then Ansible, then `hosts.yaml`; the later one wins key by key. */
export async function loadHosts(folder: string): Promise<Hosts> {
  const file = path.join(folder, 'hosts.yaml');
  const { value, report } = await readShaped(file, hostsShape);
  if (value === null) return { hosts: [], problems: report.findings, files: [file] };
  const configs = (value.import.ssh_config ?? []).map((written) => resolvePath(folder, written));
  const inventories = (value.import.ansible ?? []).map((written) => resolvePath(folder, written));
  const read = [...(await Promise.all(configs.map(readSshConfig))), ...(await Promise.all(inventories.map(readAnsible)))];
  const found = new Map<string, FoundHost>();
  const own = Object.entries(value.hosts).map(([name, entry]) => ({ name, ...entry }));
  for (const host of [...read.flatMap(({ hosts }) => hosts), ...own]) found.set(host.name, overlay(found.get(host.name), host));
  const hosts = [...found.values()].map((host) => finishHost(host, value.defaults, folder)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  checkJumps(report, hosts);
  return { hosts, problems: [...read.flatMap(({ problems }) => problems), ...report.findings], files: [file, ...configs, ...inventories] };
}

function checkJumps(report: Report, hosts: readonly Host[]): void {
  const names = new Set(hosts.map(({ name }) => name));
  for (const host of hosts) {
    for (const jump of host.jump) {
      if (names.has(jump)) continue;
      const near = nearest(jump, names);
      complain(report, 'error', ['hosts', host.name, 'jump'], {
        code: 'E-JUMP',
        message: `host "${host.name}" goes through "${jump}", which is no host`,
        hint: near === null ? 'add it to hosts.yaml' : `did you mean "${near}"?`,
      });
    }
    if (host.host_keys.length === 0 && host.known_hosts === null) {
      complain(report, 'warning', ['hosts', host.name], {
        code: 'W-HOST-KEY',
        message: `host "${host.name}" has neither host_keys nor known_hosts, so it cannot be reached`,
        hint: `pin its key: tocsin hosts pin ${host.name}`,
      });
    }
  }
}
