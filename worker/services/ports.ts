import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Several different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** Whether something listens, or could keep us from listening, on 127.0.0.1. */
export function portTaken(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen(port, host, () => server.close(() => resolve(false)));
  });
}

/** Whether a TCP connection is answered. */
export function answers(host: string, port: number, timeout_ms = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(timeout_ms, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** Who listens on a TCP port, as far as /proc lets us see; `null` when it is not readable. */
export function portHolder(port: number): PortHolder | null {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return null;
  for (const pid of readdirOrEmpty('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of readdirOrEmpty(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOrEmpty(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) return { pid: Number(pid), command: commandOf(pid) };
    }
  }
  return null;
}

/** Local addresses on which that TCP port is listened on, as far as /proc tells: `127.0.0.1`, `0.0.0.0`, `::` … */
export function listenAddresses(port: number): string[] {
  return listening(port).map(({ address }) => address);
}

function listeningInodes(port: number): Set<string> {
  return new Set(listening(port).map(({ inode }) => inode));
}

function listening(port: number): { address: string; inode: string }[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readOrEmpty(table)
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      // 0A = LISTEN.
      .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === '0A' && fields[9])
      .map((fields) => ({ address: addressOf(fields[1]!.split(':')[0]!), inode: fields[9]! })),
  );
}

/** The kernel prints addresses as hexadecimal words in the byte order of the machine: little-endian on all we run on. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse()).map((byte) => Number.parseInt(byte, 16));
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255) return bytes.slice(12).join('.');
  return (hex.match(/.{4}/g) ?? []).join(':').toLowerCase();
}

function commandOf(pid: string): string {
  return readOrEmpty(`/proc/${pid}/cmdline`).split('\0').filter(Boolean).join(' ').slice(0, 200) || readOrEmpty(`/proc/${pid}/comm`).trim();
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readdirOrEmpty(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
