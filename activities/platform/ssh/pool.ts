import type { ClientChannel, SFTPWrapper } from 'ssh2';
import type { Host } from '../../../workflows/domain/site.ts';
import { TocsinError } from '../errors.ts';
import { talk } from './channel.ts';
import type { Connection } from './connection.ts';
import { createDialer } from './dialer.ts';
import { explainDial } from './errors.ts';
import { execOn, killProgram, shellCommand, type ExecRequest, type ExecResult } from './exec.ts';
import { createGroup, type Group } from './group.ts';
import { followJob, type FollowOptions, type JobEnd } from './job/job.ts';
import { createSweeper } from './job/sweep.ts';
import { through } from './jump.ts';

export interface SshPoolOptions {
  /** Finds a jump host by its name in the inventory. */
  readonly lookup: (name: string) => Host | undefined;
  /** Value of an environment variable that a host names for a password or passphrase. */
  readonly secret?: (name: string) => string | undefined;
  /** Socket of the ssh agent, or `null`. */
  readonly agent?: string | null;
  readonly ready_timeout_ms?: number;
  readonly keepalive_ms?: number;
  readonly channels_max?: number;
  readonly connections_max?: number;
  readonly dials_max?: number;
  readonly dials_max_per_bastion?: number;
  readonly age_max_ms?: number;
  /** Idle connections close after this to twice this. */
  readonly idle_ms?: number;
}

export interface SshStats {
  readonly hosts: number;
  readonly connections: number;
  readonly channels: number;
  readonly waiting: number;
  readonly dialing: number;
  readonly dialed: number;
  readonly dials_failed: number;
  readonly lost: number;
  readonly execs: number;
}

export type JobFollow = Omit<FollowOptions, 'pool' | 'host'>;

export interface SftpLease {
  readonly sftp: SFTPWrapper;
  readonly release: () => void;
}

export interface SshPool {
  /** Runs a read-only or otherwise repeatable command to its end. @throws {TocsinError} for all but an exit status. */
  readonly exec: (host: Host, request: ExecRequest) => Promise<ExecResult>;
  /** Runs a command at most once per key and follows it to its end. @throws {TocsinError} only while certainly nothing was started. */
  readonly job: (host: Host, request: JobFollow) => Promise<JobEnd>;
  /** A channel of `sh -s` for a program of our own. The caller must call `release`. */
  readonly channel: (
    host: Host,
    command: string,
    signal?: AbortSignal,
  ) => Promise<{ readonly channel: ClientChannel; readonly release: () => void }>;
  /** An SFTP session; counts as one channel until released. */
  readonly sftp: (host: Host, signal?: AbortSignal) => Promise<SftpLease>;
  /** Drops connections and memory of failures, after the inventory changed. */
  readonly forget: (host: Host) => void;
  readonly close: () => void;
  readonly stats: () => SshStats;
}

const openTries = 4;

export function createSshPool(options: SshPoolOptions): SshPool {
  const groups = new Map<string, Group>();
  const idle_ms = options.idle_ms ?? 60_000;
  const keepalive_ms = options.keepalive_ms ?? 10_000;
  let lostCount = 0;
  let execs = 0;
  let closed = false;
  const dialer = createDialer({
    credentials: { agent: options.agent ?? null, secret: options.secret ?? (() => undefined) },
    ready_timeout_ms: options.ready_timeout_ms ?? 10_000,
    keepalive_ms,
    dials_max: options.dials_max ?? 32,
    dials_max_per_bastion: options.dials_max_per_bastion ?? 8,
    through: (host) => through({ host, lookup: options.lookup, acquire: (bastion) => groupOf(bastion, 'bastion').acquire(null) }),
  });

  function groupOf(host: Host, use: 'hands' | 'bastion'): Group {
    if (closed)
      throw new TocsinError(`Connect to "${host.name}": the pool is closed`, { code: 'E-SSH-CLOSED', kind: 'unreachable', retry: true });
    const key = `${use} ${identity(host)}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const group = createGroup({
      dial: () => dialer.dial(host, key),
      // A bastion's streams are no sessions: MaxSessions does not count them.
      channels_max: use === 'bastion' ? 512 : (options.channels_max ?? 8),
      connections_max: options.connections_max ?? 4,
      age_max_ms: options.age_max_ms ?? 3_600_000,
      idle_ms: () => idle_ms * (1 + Math.random()),
      stale_ms: keepalive_ms,
      ping: (connection) => ping(connection),
      onEmpty: () => void groups.delete(key),
      onLost: () => void (lostCount += 1),
    });
    groups.set(key, group);
    return group;
  }

  /** Opens a channel; a host that refuses one more gets a second connection, a dead connection is replaced. Nothing ran before this resolves. */
  async function open<T>(
    host: Host,
    signal: AbortSignal | undefined,
    start: (connection: Connection) => Promise<T>,
  ): Promise<{ value: T; release: () => void }> {
    for (let attempt = 1; ; attempt += 1) {
      const lease = await groupOf(host, 'hands').acquire(signal ?? null);
      try {
        return { value: await start(lease.connection), release: lease.release };
      } catch (error) {
        if (/open fail/i.test((error as Error).message)) lease.crowded();
        lease.release();
        if (attempt >= openTries) throw explainDial(host, error, []);
      }
    }
  }

  async function channel(host: Host, command: string, signal?: AbortSignal): Promise<{ channel: ClientChannel; release: () => void }> {
    const { value, release } = await open(host, signal, (connection) => connection.exec(command));
    value.once('close', release);
    return { channel: value, release };
  }

  const sweeper = createSweeper({ channel });

  async function kill(host: Host, request: ExecRequest, pid: string): Promise<boolean> {
    const nonce = 'tj1-gone';
    const opened = await channel(host, shellCommand(host, request));
    let said = '';
    await talk({
      channel: opened.channel,
      input: killProgram(pid, nonce),
      timeout_ms: 9_000,
      signal: null,
      onStdout: (chunk) => void (said += chunk.toString('latin1')),
      onStderr: () => undefined,
      kill: null,
    });
    opened.release();
    return said.includes(nonce);
  }

  return {
    channel,
    job: async (host, request) => {
      const end = await followJob({ ...request, host, pool: { channel } });
      if (end.state === 'done' && !closed) sweeper.after(host, request);
      return end;
    },
    exec: async (host, request) => {
      execs += 1;
      const opened = await channel(host, shellCommand(host, request), request.signal);
      try {
        return await execOn({ host, channel: opened.channel, request, kill: (pid) => kill(host, request, pid) });
      } finally {
        opened.release();
      }
    },
    sftp: async (host, signal) => {
      const { value, release } = await open(host, signal, (connection) => connection.sftp());
      value.once('close', release);
      return {
        sftp: value,
        release: () => {
          value.end();
          release();
        },
      };
    },
    forget: (host) => {
      for (const [key, group] of groups) {
        if (!key.endsWith(` ${identity(host)}`)) continue;
        dialer.forget(key);
        group.close();
        groups.delete(key);
      }
    },
    close: () => {
      closed = true;
      for (const group of groups.values()) group.close();
    },
    stats: () => {
      const sizes = [...groups.values()].map((group) => group.size());
      const sum = (of: (size: (typeof sizes)[number]) => number) => sizes.reduce((total, size) => total + of(size), 0);
      const { dialed, failed } = dialer.count();
      return {
        hosts: groups.size,
        connections: sum((size) => size.connections),
        channels: sum((size) => size.channels),
        waiting: sum((size) => size.waiting),
        dialing: sum((size) => size.dialing),
        dialed,
        dials_failed: failed,
        lost: lostCount,
        execs,
      };
    },
  };
}

/** Two hosts share connections only when nothing about who talks to whom, and how it is proven, differs. */
function identity(host: Host): string {
  return JSON.stringify([
    host.user,
    host.address,
    host.port,
    host.key,
    host.vars['password_env'] ?? null,
    host.jump,
    host.host_keys,
    host.known_hosts,
  ]);
}

async function ping(connection: Connection): Promise<boolean> {
  const timer = new Promise<boolean>((resolve) => setTimeout(resolve, 3_000, false).unref());
  const asked = connection.exec('true').then(
    (channel) =>
      new Promise<boolean>((resolve) => {
        channel.resume();
        channel.stderr.resume();
        channel.once('close', () => resolve(true));
      }),
    () => false,
  );
  return Promise.race([asked, timer]);
}
