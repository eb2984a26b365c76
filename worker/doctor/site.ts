import { accessSync, constants, existsSync, statSync } from 'node:fs';
import type { SecretRef, Site } from '../../workflows/domain/site.ts';
import { portHolder, portTaken, answers } from '../services/ports.ts';
import { bad, good } from './check.ts';
import type { Check } from './check.ts';

/** Ports that the platform needs, when nothing of ours holds them. */
export async function checkPorts(site: Site, ours: ReadonlySet<number>): Promise<Check[]> {
  const wanted: readonly (readonly [string, number])[] = [
    ['engine.port', site.engine.port],
    ['engine.http_port', site.engine.http_port],
    ['engine.metrics_port', site.engine.metrics_port],
    ['records.port', site.records.port],
    ['listen.port', site.listen.port],
  ];
  return Promise.all(
    wanted.map(async ([setting, port]) => {
      if (!(await portTaken(port))) return good(`port ${port}`, `free, for ${setting}`);
      const holder = portHolder(port);
      if (holder !== null && ours.has(holder.pid)) return good(`port ${port}`, `ours, for ${setting}`);
      return bad(
        `port ${port}`,
        `taken by ${holder === null ? 'a process of another account' : `pid ${holder.pid} (${holder.command.slice(0, 80)})`}`,
        `End that process, or set "${setting}" in site.yaml to a free port.`,
      );
    }),
  );
}

export function checkHostKeys(site: Site): Check {
  const loose = site.hosts.filter((host) => host.host_keys.length === 0 && (host.known_hosts === null || !existsSync(host.known_hosts)));
  if (loose.length === 0) return good('host keys', site.hosts.length === 0 ? 'no hosts yet' : `known for all ${site.hosts.length} hosts`);
  const names = loose.map((host) => host.name);
  const some = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  return bad(
    'host keys',
    `no pinned key for ${some}: they will be refused`,
    `tocsin hosts pin ${names[0]} (shows the key and asks), for each of them`,
  );
}

export function checkKeyFiles(site: Site): Check[] {
  const files = [...new Set(site.hosts.map((host) => host.key).filter((key): key is string => key !== null))];
  return files.map((file) => {
    const name = `ssh key ${file}`;
    if (!existsSync(file)) return bad(name, 'not there', `ssh-keygen -t ed25519 -f ${file}, and put ${file}.pub on the hosts`);
    if (!readable(file)) return bad(name, 'not readable for this account', `chown $(id -un) ${file}`);
    return (statSync(file).mode & 0o077) === 0
      ? good(name, 'there, closed to others')
      : bad(name, 'open to other accounts', `chmod 600 ${file}`);
  });
}

export function checkSecrets(site: Site, env: NodeJS.ProcessEnv): Check[] {
  const wanted: (readonly [string, SecretRef])[] = [['operator token', site.operator_token]];
  for (const source of site.sources) wanted.push([`token of source ${source.name}`, source.token]);
  if (site.mail?.password) wanted.push(['mail password', site.mail.password]);
  return wanted.map(([name, ref]) => {
    if (ref.from === 'env')
      return env[ref.key]
        ? good(name, `in ${ref.key}`)
        : bad(name, `the variable ${ref.key} is empty`, `export ${ref.key}=…, before tocsin up`);
    if (!existsSync(ref.key) || !readable(ref.key))
      return bad(name, `the file ${ref.key} cannot be read`, `umask 077; openssl rand -hex 24 > ${ref.key}`);
    return (statSync(ref.key).mode & 0o077) === 0
      ? good(name, `in ${ref.key}`)
      : bad(name, `${ref.key} is open to other accounts`, `chmod 600 ${ref.key}`);
  });
}

export async function checkMail(site: Site): Promise<Check> {
  if (site.mail === null)
    return bad('mail', 'no mail server in site.yaml: nobody can be paged', 'Add "mail:" to site.yaml (see docs), then: tocsin check');
  const { host, port } = site.mail;
  return (await answers(host, port, 3_000))
    ? good('mail', `${host}:${port} answers`)
    : bad(
        'mail',
        `${host}:${port} does not answer`,
        'Look at "mail" in site.yaml and at that server; pages wait and are tried again meanwhile.',
      );
}

export function checkPeople(site: Site): Check {
  const mute = site.people.filter((person) => !person.mail && !person.phone).map((person) => person.name);
  if (site.people.length === 0) return bad('people', 'nobody in people.yaml', 'Write down who is paged: people.yaml, then: tocsin check');
  return mute.length === 0
    ? good('people', `${site.people.length}, all can be reached`)
    : bad('people', `no way to reach ${mute.join(', ')}`, 'Give them a mail address in people.yaml.');
}

function readable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
