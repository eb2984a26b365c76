import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Folder of the project, from the source and from the build alike. */
export const root = upward(__dirname);
export const bin = join(root, 'bin', 'tocsin');

function upward(folder: string): string {
  return existsSync(join(folder, 'bin', 'tocsin')) ? folder : upward(dirname(folder));
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Typed into standard input, which is then closed. */
  readonly input?: string;
  /** Sends SIGINT once this text has been printed. */
  readonly interruptAt?: string;
}

/** Runs the built command line, not on a terminal. */
export function tocsin(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return started(bin, args, options);
}

/** The same on a pseudo-terminal of util-linux `script`; what it shows comes back as `out`, escape codes and all. */
export function tocsinOnTerminal(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const line = [bin, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return started('script', ['-qec', line, '/dev/null'], options);
}

function started(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const { TOCSIN_SITE: _site, TOCSIN_TOKEN: _token, NO_COLOR: _colour, ...inherited } = process.env;
    const child = spawn(program, args, {
      cwd: options.cwd ?? tmpdir(),
      env: { ...inherited, LANG: 'C.UTF-8', TERM: 'xterm', ...options.env },
    });
    let [out, err, interrupted] = ['', '', false];
    const seen = (): void => {
      if (interrupted || options.interruptAt === undefined || !(out + err).includes(options.interruptAt)) return;
      interrupted = true;
      child.kill('SIGINT');
    };
    child.stdout.on('data', (piece: Buffer) => {
      out += piece.toString();
      seen();
    });
    child.stderr.on('data', (piece: Buffer) => {
      err += piece.toString();
      seen();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    if (options.input !== undefined) child.stdin.end(options.input);
    else if (program !== 'script') child.stdin.end();
  });
}
