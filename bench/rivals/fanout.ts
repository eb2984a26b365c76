import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendants } from '../../test/lab/machine.ts';
import { writeList, type Fleet } from './fleet.ts';
import { sshOptions } from './openssh.ts';

export interface Cost {
  readonly seconds: number;
  readonly cpu_seconds: number;
  readonly rss_mb: number;
}

/** A tool that runs one command on many hosts over OpenSSH, at its best settings. */
export interface Rival {
  readonly name: string;
  /** Most hosts it is measured with. */
  readonly sizes_max: number;
  readonly run: (fleet: Fleet, count: number, command: string) => Promise<Cost>;
}

function options(fleet: Fleet): readonly string[] {
  return sshOptions({ key: fleet.lab.key, knownHosts: fleet.knownHosts, port: 22 });
}

const pssh: Rival = {
  name: 'pssh',
  sizes_max: 1_000,
  run: (fleet, count, command) =>
    measure([
      found('parallel-ssh', 'pssh')!,
      '-h',
      writeList(fleet, count),
      '-l',
      'root',
      '-p',
      '50',
      '-t',
      '0',
      ...options(fleet).flatMap(asDashO),
      command,
    ]),
};

/** pssh wants `-O option`; what is no `-o` pair goes with `-x`. */
function asDashO(word: string, at: number, all: readonly string[]): readonly string[] {
  if (word === '-o' || word === '-F' || all[at - 1] === '-F') return [];
  return ['-O', word];
}

const clush: Rival = {
  name: 'clush',
  sizes_max: 1_000,
  run: (fleet, count, command) =>
    measure([
      found('clush')!,
      '--hostfile',
      writeList(fleet, count),
      '-l',
      'root',
      '-f',
      '64',
      '-q',
      '-o',
      options(fleet).join(' '),
      command,
    ]),
};

const ansible: Rival = {
  name: 'ansible raw',
  sizes_max: 300,
  run: (fleet, count, command) => {
    const list = join(fleet.folder, `ansible-${count}`);
    writeFileSync(
      list,
      fleet.hosts
        .slice(0, count)
        .map((host) => `${host.address}\n`)
        .join(''),
    );
    return measure(
      [
        found('ansible')!,
        'all',
        '-i',
        list,
        '-u',
        'root',
        '-f',
        '50',
        '-m',
        'raw',
        '-a',
        command,
        '--ssh-common-args',
        options(fleet).join(' '),
        '-o',
      ],
      { ANSIBLE_HOST_KEY_CHECKING: 'True', ANSIBLE_SSH_ARGS: '-C' },
    );
  },
};

/** Those that are installed here. */
export function rivals(): readonly Rival[] {
  return [
    ...(found('parallel-ssh', 'pssh') === null ? [] : [pssh]),
    ...(found('clush') === null ? [] : [clush]),
    ...(found('ansible') === null ? [] : [ansible]),
  ];
}

function found(...names: readonly string[]): string | null {
  for (const name of names) {
    try {
      return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // The next name.
    }
  }
  return null;
}

/** Time, processor time with that of all its children, and the most memory they held together. */
async function measure(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Cost> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>"$ERRORS"', 'bash', ...argv], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env, ERRORS: '/dev/null' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  let rss = 0;
  const sampler = setInterval(() => {
    rss = Math.max(
      rss,
      [child.pid!, ...descendants(child.pid!)].reduce((sum, pid) => sum + rssOf(pid), 0),
    );
  }, 300);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${argv[0]}: exit ${code}: some hosts failed`);
  const [seconds = 0, user = 0, system = 0] = said.trim().split(/\s+/).slice(-3).map(Number);
  return { seconds, cpu_seconds: user + system, rss_mb: Math.round(rss) };
}

function rssOf(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4_096) / 1e6;
  } catch {
    return 0;
  }
}
