import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isRoot } from './root.mjs';
import { run } from './run.mjs';
import { note, progress, SetupError } from './say.mjs';

/** Program → Debian package, by who needs it. The services that some of them bring are left off. */
const lab = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sudo: 'sudo',
  nft: 'nftables',
  ip: 'iproute2',
  ping: 'iputils-ping',
  pg_ctlcluster: 'postgresql',
  haproxy: 'haproxy',
  curl: 'curl',
};
const rivals = { 'parallel-ssh': 'pssh', clush: 'clustershell' };
const groups = {
  platform: { ssh: 'openssh-client' },
  lab,
  test: { ...lab, ...rivals, fish: 'fish', tcsh: 'tcsh', java: 'default-jre-headless', mvn: 'maven' },
  bench: { ...lab, ...rivals, ansible: 'ansible-core' },
};
const services = { 'openssh-server': 'ssh', haproxy: 'haproxy', postgresql: 'postgresql' };

/** Installs what is missing as root; tells anybody else what to install, and goes on. */
export async function debian(group) {
  const missing = Object.entries(groups[group])
    .filter(([program]) => !onPath(program))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot || !onPath('apt-get')) {
    note(
      `missing here: ${missing.join(', ')}. What needs them is left out or fails. ${onPath('apt-get') ? `Install them with: sudo ${command}` : 'Install them with the package manager of this system.'}`,
    );
    return;
  }
  await install(missing, command);
}

async function install(missing, command) {
  const bar = progress(`installing ${missing.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const guarded = holdServices();
  try {
    await run('apt-get', ['update', '-q'], { env, onLine: (line) => bar.detail(line.slice(0, 60)) });
    const options = ['-y', '-q', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', '-o', 'DPkg::Lock::Timeout=120'];
    const { code, output } = await run('apt-get', ['install', ...options, ...missing], {
      env,
      onLine: (line) => bar.detail(line.slice(0, 60)),
    });
    if (code !== 0)
      throw new SetupError(`apt-get ended with ${code}: ${output.trim().split('\n').slice(-4).join(' ')}`, `Try it by hand: ${command}`);
    await leaveOff(missing);
    bar.done(`installed ${missing.join(', ')}`);
  } catch (error) {
    bar.failed();
    throw error;
  } finally {
    if (guarded) rmSync(guard, { force: true });
  }
}

const guard = '/usr/sbin/policy-rc.d';

/** Debian starts the services it installs; this file of its own making says no while we install. */
function holdServices() {
  if (existsSync(guard)) return false;
  writeFileSync(guard, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return true;
}

/** Nor shall they start at the next boot: the lab starts its own, in its own corner. */
async function leaveOff(installed) {
  if (!existsSync('/run/systemd/system')) return;
  const names = installed.map((name) => services[name]).filter(Boolean);
  if (names.length > 0) await run('systemctl', ['disable', '--now', ...names]);
}

function onPath(program) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => folder && existsSync(join(folder, program)));
}
