import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pinnedNode } from './node.mjs';
import { root } from './root.mjs';
import { SetupError } from './say.mjs';

/** Runs a program and gathers what it says; `onLine` sees each line as it comes. Never throws on an exit code. */
export function run(command, args, { cwd = root, env = process.env, onLine = () => {}, input = 'ignore' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: [input, 'pipe', 'pipe'] });
    let output = '';
    let rest = '';
    const take = (chunk) => {
      output = (output + chunk).slice(-200_000);
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop();
      lines.forEach(onLine);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? 128, output, signal }));
  });
}

/** PATH with the packages' programs first, so that `node` is the pinned one everywhere below. */
export function pathWithPackages() {
  return [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
}

/** Runs a compiled program with the pinned Node, in our place: its input, output, signals and exit code are ours. */
export async function handOver(entry, args) {
  const file = join(root, 'dist', entry);
  if (!existsSync(file))
    throw new SetupError(`there is no "${entry}" in this build`, 'Look whether its source is there, and run: npm run build');
  return passThrough(await pinnedNode(), ['--enable-source-maps', file, ...args]);
}

export function passThrough(command, args, { env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: process.env.INIT_CWD && existsSync(process.env.INIT_CWD) ? process.env.INIT_CWD : root,
      stdio: 'inherit',
      env: { ...process.env, PATH: pathWithPackages(), ...env },
    });
    // A terminal sends Ctrl-C to the whole group: the child hears it by itself, and we only have to wait.
    const ignore = () => {};
    const pass = (name) => child.kill(name);
    process.on('SIGINT', ignore);
    process.on('SIGTERM', pass);
    process.on('SIGHUP', pass);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
