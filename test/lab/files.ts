import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { must } from './run.ts';
import { serverScript, serviceScript } from './service.ts';
import type { LabHost, LabSpec, LabUser } from './spec.ts';

export interface MachineFiles {
  readonly folder: string;
  /** The same folder as the machine itself sees it. */
  readonly home: string;
  readonly hostKey: string;
}

export interface MachineOptions {
  readonly root: string;
  readonly host: LabHost;
  readonly spec: LabSpec;
  readonly authorizedKey: string;
  readonly listen: string;
  readonly port: number;
  readonly serviceAddress: string;
  readonly namespaces: boolean;
}

/** Everything the machine needs on disk, below `<root>/<name>`; with namespaces it sees that folder as /etc/tocsin-lab. */
export async function writeMachine(options: MachineOptions): Promise<MachineFiles> {
  const folder = join(options.root, options.host.name);
  for (const name of ['services', 'run', 'log', 'var', 'root/.ssh', 'tmp', 'etc/sudoers.d', 'home'])
    mkdirSync(join(folder, name), { recursive: true });
  const home = options.namespaces ? '/etc/tocsin-lab' : folder;
  const hostKey = await newHostKey(folder);
  writeFileSync(join(folder, 'authorized_keys'), options.authorizedKey);
  writeFileSync(join(folder, 'boot_id'), `${randomUUID()}\n`);
  writeFileSync(join(folder, 'sshd_config'), sshdConfig(options, home));
  writeFileSync(join(folder, 'server.js'), serverScript);
  writeFileSync(
    join(folder, 'svc'),
    serviceScript({
      home,
      node: options.namespaces ? `${home}/node` : process.execPath,
      host: options.host.name,
      address: options.serviceAddress,
    }),
  );
  chmodSync(join(folder, 'svc'), 0o755);
  chmodSync(join(folder, 'tmp'), 0o1777);
  chmodSync(join(folder, 'root'), 0o700);
  for (const [name, port] of Object.entries(options.host.services ?? {})) writeFileSync(join(folder, 'services', name), `${port}\n`);
  writeFileSync(join(folder, 'node'), '');
  if (options.namespaces) await writeAccounts(folder, options);
  return { folder, home, hostKey };
}

export async function newHostKey(folder: string): Promise<string> {
  const path = join(folder, 'host_key');
  await must(['sh', '-c', 'rm -f "$1" "$1.pub"; exec ssh-keygen -q -t ed25519 -N "" -C lab -f "$1"', 'sh', path]);
  return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
}

function sshdConfig(options: MachineOptions, home: string): string {
  return `${[
    ...(options.spec.sshd ?? []),
    `Port ${options.port}`,
    `ListenAddress ${options.spec.listen ?? options.listen}`,
    `HostKey ${join(home, 'host_key')}`,
    `AuthorizedKeysFile ${join(home, 'authorized_keys')}`,
    `PidFile ${join(home, 'sshd.pid')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'UsePAM no',
    'UseDNS no',
    'PrintMotd no',
    'PasswordAuthentication no',
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
  ].join('\n')}\n`;
}

/** Own passwd, shadow, group, sudoers and hosts, so that accounts and shells are the machine's own. */
async function writeAccounts(folder: string, options: MachineOptions): Promise<void> {
  const etc = join(folder, 'etc');
  const users = options.spec.users ?? [];
  const id = (at: number): number => 5_000 + at;
  for (const name of ['passwd', 'shadow', 'group']) copyFileSync(join('/etc', name), join(etc, name));
  append(
    join(etc, 'passwd'),
    users.map((user, at) => `${user.name}:x:${id(at)}:${id(at)}::/home/${user.name}:${user.shell ?? '/bin/sh'}`),
  );
  append(
    join(etc, 'group'),
    users.map((user, at) => `${user.name}:x:${id(at)}:`),
  );
  // `*` = no password, yet not locked: sshd without PAM refuses accounts marked `!`.
  append(
    join(etc, 'shadow'),
    users.map((user) => `${user.name}:*:19000:0:99999:7:::`),
  );
  writeFileSync(
    join(etc, 'sudoers.d/lab'),
    users
      .filter((user: LabUser) => user.sudo === true)
      .map((user) => `${user.name} ALL=(ALL) NOPASSWD: ALL\n`)
      .join(''),
  );
  chmodSync(join(etc, 'sudoers.d/lab'), 0o440);
  chmodSync(join(etc, 'shadow'), 0o640);
  chmodSync(join(etc, 'sudoers.d'), 0o750);
  for (const [at, user] of users.entries())
    await must(['install', '-d', '-m', '700', '-o', String(id(at)), '-g', String(id(at)), join(folder, 'home', user.name)]);
}

function append(path: string, rows: readonly string[]): void {
  if (rows.length > 0) writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\n${rows.join('\n')}\n`);
}
