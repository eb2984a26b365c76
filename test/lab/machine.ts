import { spawn, type ChildProcess } from 'node:child_process';
import { createConnection } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Machine {
  /** Pid, as this machine sees it, of the process whose death is the machine's death. */
  readonly pid: number;
  readonly off: () => Promise<void>;
}

export interface MachineStart {
  readonly folder: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly listen: string;
  readonly port: number;
}

/** What is the machine's own although it shares the disk: bind mounts, seen by its processes only. */
const mounts = `
set -e
cd /
d=/etc/tocsin-lab
mkdir -p /var/lib/tocsin "$d" /run/sshd
mount --bind "$1" "$d"
mount --bind "$3" "$d/node"
mount --bind "$d/var" /var/lib/tocsin
for f in passwd shadow group; do mount --bind "$d/etc/$f" "/etc/$f"; done
[ ! -d /etc/sudoers.d ] || mount --bind "$d/etc/sudoers.d" /etc/sudoers.d
mount --bind "$d/boot_id" /proc/sys/kernel/random/boot_id
mount --bind "$d/root" /root
mount --bind "$d/home" /home
mount --bind "$d/tmp" /tmp
hostname "$2"
set +e
set -- "$d"
`;

/** Ends when its standard input does, so a killed test leaves no machine behind. bash, since it reaps orphans as init must. */
const init = `
trap '' HUP
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
/usr/sbin/sshd -D -e -f "$1/sshd_config" </dev/null 2>>"$1/sshd.log" >/dev/null &
read -r _
`;

export async function startMachine(options: MachineStart): Promise<Machine> {
  const inside = [
    'bash',
    '-c',
    options.namespace === null ? init : `${mounts}${init}`,
    'init',
    options.folder,
    options.name,
    process.execPath,
  ];
  const argv =
    options.namespace === null
      ? inside
      : [
          'ip',
          'netns',
          'exec',
          options.namespace,
          'unshare',
          '--mount',
          '--uts',
          '--pid',
          '--fork',
          '--kill-child',
          '--mount-proc',
          ...inside,
        ];
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
  child.stdin!.on('error', () => undefined);
  await answering(options, child, () => complaint);
  child.unref();
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  (child.stderr as unknown as { unref?: () => void }).unref?.();
  const pid = options.namespace === null ? child.pid! : firstChild(child.pid!);
  return { pid, off: () => off(child, options.namespace === null) };
}

async function off(child: ChildProcess, loopback: boolean): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.ref();
  // Without namespaces the sessions are separate groups: end those that descend from it.
  if (loopback) for (const pid of descendants(child.pid!)) kill(pid);
  else kill(firstChild(child.pid!));
  kill(child.pid!);
  await ended;
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

export function firstChild(pid: number): number {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? pid : Number(text.split(' ')[0]);
}

export function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Ended while we looked.
    }
  }
  const found: number[] = [];
  for (let level = [pid]; level.length > 0;) {
    level = [...parents].filter(([, parent]) => level.includes(parent)).map(([child]) => child);
    found.push(...level);
  }
  return found;
}

async function answering(options: MachineStart, child: ChildProcess, complaint: () => string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (child.exitCode !== null) break;
    if (await accepts(options.listen, options.port)) return;
    await sleep(10);
  }
  throw new Error(`Start the lab host "${options.name}": ${complaint() || `sshd does not answer, see ${options.folder}/sshd.log`}`);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.setTimeout(500, () => socket.destroy());
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
