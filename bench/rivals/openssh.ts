import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../workflows/domain/site.ts';

/** OpenSSH's best settings for speed: classical key exchange (its post-quantum default costs 140 ms of CPU), AES-GCM, no lookups. */
export function sshOptions(options: { readonly key: string; readonly knownHosts: string; readonly port: number }): readonly string[] {
  return [
    '-F',
    'none',
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `IdentityFile=${options.key}`,
    '-o',
    `UserKnownHostsFile=${options.knownHosts}`,
    '-o',
    'GlobalKnownHostsFile=/dev/null',
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'KexAlgorithms=curve25519-sha256',
    '-o',
    'Ciphers=aes128-gcm@openssh.com',
    '-o',
    `Port=${options.port}`,
  ];
}

export function writeKnownHosts(path: string, hosts: readonly Pick<Host, 'address' | 'port' | 'host_keys'>[]): void {
  writeFileSync(
    path,
    hosts
      .flatMap((host) => host.host_keys.map((key) => `${host.port === 22 ? host.address : `[${host.address}]:${host.port}`} ${key}\n`))
      .join(''),
  );
}

export interface Master {
  readonly target: string;
  /** scp over the same connection. */
  readonly scp: readonly string[];
  readonly run: (command: string, local?: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A live ControlMaster to one host. */
export async function openMaster({ host, folder }: { readonly host: Host; readonly folder: string }): Promise<Master> {
  const knownHosts = join(folder, 'known_hosts');
  writeKnownHosts(knownHosts, [host]);
  const options = [...sshOptions({ key: host.key!, knownHosts, port: host.port }), '-o', `ControlPath=${join(folder, 'master')}`];
  const target = `${host.user}@${host.address}`;
  const master = spawn('ssh', [...options, '-M', '-N', target], { stdio: 'ignore' });
  for (let tries = 0; tries < 200 && !existsSync(join(folder, 'master')); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    target,
    scp: ['scp', '-q', ...options],
    // Output is thrown away by the client's own side, as ours counts and drops it.
    run: (command, local = false) => wait('ssh', [...options, target, local ? command.replace(' >/dev/null', '') : command]),
    close: async () => {
      const ended = new Promise((resolve) => master.once('exit', resolve));
      master.kill('SIGTERM');
      await ended;
    },
  };
}

export function wait(program: string, argv: readonly string[], env?: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: 'ignore', ...(env === undefined ? {} : { env }) });
    child.once('error', reject);
    child.once('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`${program}: exit ${code ?? signal}`))));
  });
}
