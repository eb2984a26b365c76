import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../workflows/domain/site.ts';
import { newHostKey, writeMachine, type MachineFiles } from './files.ts';
import { inventoryText } from './inventory.ts';
import { descendants, kill, startMachine, type Machine } from './machine.ts';
import { createNetwork } from './network.ts';
import { must, run } from './run.ts';
import type { Lab, LabHost, LabSpec } from './spec.ts';
import { labFolder, own, sweep } from './sweep.ts';

interface Built {
  readonly spec: LabHost;
  readonly files: MachineFiles;
  readonly listen: string;
  readonly port: number;
  readonly namespace: string | null;
  host: Host;
  machine: Machine | null;
}

/** Whether this process may make namespaces; otherwise the lab is several sshd on loopback. */
export async function canIsolate(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return (await run(['unshare', '--net', '--mount', '--uts', '--pid', '--fork', 'true']).catch(() => null))?.code === 0;
}

/** Starts the hosts; about half a second for three. Always `stop()` it; what a killed test leaves, the next lab clears. */
export async function createLab(spec: LabSpec): Promise<Lab> {
  await sweep();
  const id = randomBytes(3).toString('hex');
  const folder = labFolder(id);
  own(id, []);
  const isolated = spec.namespaces !== false && (await canIsolate());
  const key = join(folder, 'key');
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', key]);
  const network = isolated
    ? await createNetwork(
        id,
        spec.hosts.map((host) => host.name),
      )
    : null;
  const built = new Map<string, Built>();
  for (const one of await Promise.all(spec.hosts.map(build))) built.set(one.spec.name, one);

  async function build(host: LabHost): Promise<Built> {
    const address = network?.address(host.name) ?? { management: '127.0.0.1', service: '127.0.0.1' };
    const port = isolated ? 22 : await freePort();
    const files = await writeMachine({
      root: folder,
      host,
      spec,
      authorizedKey: readFileSync(`${key}.pub`, 'utf8'),
      listen: address.management,
      port,
      serviceAddress: address.service,
      namespaces: isolated,
    });
    const namespace = network?.namespace(host.name) ?? null;
    const one: Built = {
      spec: host,
      files,
      listen: address.management,
      port,
      namespace,
      host: describe(host, files, address.management, port, address.service),
      machine: null,
    };
    one.machine = await startMachine({ folder: files.folder, namespace, name: host.name, listen: one.listen, port });
    return one;
  }

  function describe(host: LabHost, files: MachineFiles, address: string, port: number, service_address: string): Host {
    return {
      name: host.name,
      address,
      port,
      user: isolated ? 'root' : userInfo().username,
      key,
      host_keys: [files.hostKey],
      known_hosts: null,
      jump: host.jump ?? [],
      production: host.production ?? false,
      sql: null,
      tags: host.tags ?? [],
      vars: { service_address, svc: `${files.home}/svc`, ...(isolated ? {} : { job_dir: `${files.folder}/var/jobs` }), ...host.vars },
    };
  }

  function find(name: string): Built {
    const one = built.get(name);
    if (one === undefined) throw new Error(`Find the lab host "${name}": there are ${[...built.keys()].join(', ')}`);
    return one;
  }

  function note(): void {
    own(
      id,
      [...built.values()].flatMap((one) => (one.machine === null ? [] : [one.machine.pid])),
    );
  }
  note();

  return {
    id,
    kind: isolated ? 'namespaces' : 'loopback',
    folder,
    key,
    get hosts() {
      return [...built.values()].map((one) => one.host);
    },
    get inventory() {
      return inventoryText([...built.values()].map((one) => one.host));
    },
    host: (name) => find(name).host,
    exec: (name, argv, stdin) => {
      const { machine } = find(name);
      if (machine === null) return Promise.reject(new Error(`Act on the lab host "${name}": it is switched off`));
      return run(isolated ? ['nsenter', '-t', String(machine.pid), '-n', '-m', '-u', '-p', '--wd=/', '--', ...argv] : argv, stdin);
    },
    powerOff: async (name) => {
      const one = find(name);
      await one.machine?.off();
      one.machine = null;
      note();
    },
    powerOn: async (name) => {
      const one = find(name);
      if (one.machine !== null) return;
      writeFileSync(join(one.files.folder, 'boot_id'), `${randomUUID()}\n`);
      one.machine = await startMachine({ folder: one.files.folder, namespace: one.namespace, name, listen: one.listen, port: one.port });
      note();
    },
    killSessions: async (name) => {
      const { machine } = find(name);
      if (machine === null) return 0;
      const sessions = descendants(machine.pid).filter((pid) => /^sshd: .*@notty|^sshd: \S+ \[priv\]/.test(title(pid)));
      for (const pid of sessions) kill(pid);
      return sessions.length;
    },
    newHostKey: async (name) => {
      const one = find(name);
      await newHostKey(one.files.folder);
      if (one.machine === null) return;
      await one.machine.off();
      one.machine = await startMachine({ folder: one.files.folder, namespace: one.namespace, name, listen: one.listen, port: one.port });
      note();
    },
    stop: async () => {
      await Promise.all([...built.values()].map(async (one) => one.machine?.off()));
      await network?.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function title(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ');
  } catch {
    return '';
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
