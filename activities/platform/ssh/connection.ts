import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type { Client, ClientChannel, ConnectConfig, SFTPWrapper } from 'ssh2';
import type { Host } from '../../../workflows/domain/site.ts';
import { algorithmsFor } from './algorithms.ts';
import { authMethods, type CredentialOptions } from './credentials.ts';
import { explainDial } from './errors.ts';
import { pinnedFor } from './host-key.ts';
import type { TocsinError } from '../errors.ts';

/** Every connection is made from this type: without a verifier ssh2 would take any key. */
type StrictConfig = ConnectConfig &
  Required<Pick<ConnectConfig, 'hostVerifier' | 'algorithms' | 'username' | 'readyTimeout' | 'keepaliveInterval'>>;

export interface DialOptions {
  readonly host: Host;
  readonly credentials: CredentialOptions;
  /** Stream through a bastion instead of a TCP connection of our own. */
  readonly sock: Duplex | null;
  readonly ready_timeout_ms: number;
  readonly keepalive_ms: number;
}

/** One authenticated connection. `exec` and `sftp` open a channel each; counting them is the pool's work. */
export interface Connection {
  readonly host: Host;
  readonly opened_at: number;
  readonly open: boolean;
  readonly exec: (command: string) => Promise<ClientChannel>;
  readonly sftp: () => Promise<SFTPWrapper>;
  readonly forward: (address: string, port: number) => Promise<Duplex>;
  /** Called once, whoever ended it. */
  readonly onEnd: (listener: (why: Error | null) => void) => void;
  readonly close: () => void;
}

/** @throws {TocsinError} kind `unreachable` (retry may help) or `refused` (key, password, host key). */
export async function dial(options: DialOptions): Promise<Connection> {
  const { host } = options;
  const pinned = pinnedFor(host);
  let refusal: TocsinError | null = null;
  const config: StrictConfig = {
    ...(options.sock === null ? { host: host.address, port: host.port } : { sock: options.sock as never }),
    username: host.user,
    authHandler: [...authMethods(host, options.credentials)] as never,
    algorithms: algorithmsFor(pinned.types),
    readyTimeout: options.ready_timeout_ms,
    keepaliveInterval: options.keepalive_ms,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer) => {
      refusal = pinned.judge(key);
      return refusal === null;
    },
  };
  const ssh = new NodeSSH();
  const connecting = ssh.connect(config as never);
  const client = ssh.connection as Client;
  // Before anything is awaited: a later socket error without a listener would end the process, and Nagle costs 40 ms per command.
  const ended = watchEnd(client);
  client.setNoDelay(true);
  try {
    await connecting;
  } catch (error) {
    ssh.dispose();
    throw refusal ?? explainDial(host, error, pinned.types);
  }
  return wrap(host, ssh, client, ended);
}

interface End {
  over: boolean;
  why: Error | null;
  readonly listeners: ((why: Error | null) => void)[];
}

function watchEnd(client: Client): End {
  const end: End = { over: false, why: null, listeners: [] };
  client.on('error', (error) => {
    end.why ??= error;
  });
  client.on('close', () => {
    if (end.over) return;
    end.over = true;
    for (const listener of end.listeners.splice(0)) listener(end.why);
  });
  return end;
}

function wrap(host: Host, ssh: NodeSSH, client: Client, end: End): Connection {
  function closed(): Error {
    return end.why ?? new Error('Connection closed');
  }
  /** A callback that never comes because the connection died must not hang its caller. */
  function settle<T>(start: (done: (error: Error | undefined, value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (end.over) return reject(closed());
      function onEnd(): void {
        reject(closed());
      }
      end.listeners.push(onEnd);
      start((error, value) => {
        const at = end.listeners.indexOf(onEnd);
        if (at >= 0) end.listeners.splice(at, 1);
        if (error) reject(error);
        else resolve(value);
      });
    });
  }
  return {
    host,
    opened_at: Date.now(),
    get open() {
      return !end.over;
    },
    exec: (command) => settle((done) => client.exec(command, done)),
    sftp: () => settle((done) => client.sftp(done)),
    forward: (address, port) => settle((done) => client.forwardOut('127.0.0.1', 0, address, port, done)),
    onEnd: (listener) => {
      if (end.over) listener(end.why);
      else end.listeners.push(listener);
    },
    close: () => ssh.dispose(),
  };
}
