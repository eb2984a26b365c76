import path from 'node:path';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Finding } from '../../../workflows/domain/finding.ts';
import type { Json, JsonMap } from '../../../workflows/domain/words.ts';
import type { Groups } from './ansible-groups.ts';
import { parseIni } from './ansible-ini.ts';
import { parseAnsibleYaml } from './ansible-yaml.ts';
import { error, warning } from './files.ts';
import type { FoundHost } from './found-host.ts';

interface Inventory {
  readonly hosts: readonly FoundHost[];
  readonly problems: readonly Finding[];
}

/** Hosts of an Ansible inventory, INI or YAML: groups become tags, `ansible_…` becomes the way to reach them, the rest variables. */
export async function readAnsible(file: string): Promise<Inventory> {
  const problems: Finding[] = [];
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return { hosts: [], problems: [error(file, 'E-FILE', 'the file cannot be read', 'check the path under import.ansible in hosts.yaml')] };
  }
  const groups = /\.(ya?ml|json)$/.test(file) ? await parseAnsibleYaml(text, file, problems) : parseIni(text, file, problems);
  for (const folder of ['group_vars', 'host_vars']) {
    if (existsSync(path.join(path.dirname(file), folder)))
      problems.push(
        warning(file, 'W-ANSIBLE-VARS', `${folder} beside the inventory is not read`, 'put what you need under "hosts" in hosts.yaml'),
      );
  }
  return { hosts: hostsOf(groups, file, problems), problems };
}

function hostsOf(groups: Groups, file: string, problems: Finding[]): FoundHost[] {
  const order = inherited(groups, file, problems);
  const names = new Set([...groups.values()].flatMap((group) => [...group.hosts.keys()]));
  return [...names].map((name) => {
    const member = order.filter((group) => holdsHost(groups, group, name, new Set()));
    const layers = [...member.map((group) => groups.get(group)!.vars), ...order.map((group) => groups.get(group)!.hosts.get(name) ?? {})];
    const vars: JsonMap = Object.assign({}, ...layers) as JsonMap;
    const tags = member.filter((group) => group !== 'all' && group !== 'ungrouped');
    return toHost(name, vars, tags, file, problems);
  });
}

/** Groups with parents before children, so that the nearer variable wins. A circle is reported and cut. */
function inherited(groups: Groups, file: string, problems: Finding[]): string[] {
  const done: string[] = [];
  const open = new Set<string>();
  const visit = (name: string) => {
    if (done.includes(name)) return;
    if (open.has(name))
      return void problems.push(error(file, 'E-ANSIBLE', `group "${name}" is a child of itself`, 'break the circle of children'));
    open.add(name);
    for (const [parent, group] of groups) if (group.children.has(name)) visit(parent);
    open.delete(name);
    done.push(name);
  };
  if (groups.has('all')) visit('all');
  for (const name of groups.keys()) visit(name);
  return done;
}

function holdsHost(groups: Groups, name: string, host: string, seen: Set<string>): boolean {
  const group = groups.get(name);
  if (group === undefined || seen.has(name)) return false;
  seen.add(name);
  return name === 'all' || group.hosts.has(host) || [...group.children].some((child) => holdsHost(groups, child, host, seen));
}

const passwords = /^ansible_(.*_)?pass(word)?$/;

function toHost(name: string, all: JsonMap, tags: readonly string[], file: string, problems: Finding[]): FoundHost {
  const vars = Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith('ansible_')));
  const secret = Object.keys(all).find((key) => passwords.test(key));
  if (secret !== undefined)
    problems.push(
      warning(
        file,
        'W-ANSIBLE-PASSWORD',
        `${secret} of host "${name}" is not read`,
        'use a key, or vars.password_env with the name of an environment variable',
      ),
    );
  const text = (key: string) => (all[key] === undefined ? undefined : String(all[key]));
  const port = Number(text('ansible_port') ?? Number.NaN);
  const found = {
    address: text('ansible_host'),
    port: Number.isInteger(port) ? port : undefined,
    user: text('ansible_user') ?? text('ansible_ssh_user'),
    key: text('ansible_ssh_private_key_file') ?? text('ansible_private_key_file'),
    jump: jumpOf(`${text('ansible_ssh_common_args') ?? ''} ${text('ansible_ssh_extra_args') ?? ''}`),
  };
  const given = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return { name, ...(given as Partial<FoundHost>), tags: [...tags], vars: vars as { [key: string]: Json } };
}

function jumpOf(options: string): string[] | undefined {
  const hops = /(?:-J\s*|ProxyJump[= ])["']?([A-Za-z0-9._,@:-]+)/.exec(options)?.[1];
  return hops?.split(',').map((hop) => hop.replace(/^.*@/, '').replace(/:\d+$/, ''));
}
