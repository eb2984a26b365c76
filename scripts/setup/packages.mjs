import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readOr, root, sha256 } from './root.mjs';
import { run } from './run.mjs';
import { note, progress, SetupError } from './say.mjs';

const stamp = join(root, 'node_modules', '.tocsin-stamp');

/** Installs the npm packages of the lock file, when that has not been done for exactly this lock file. */
export async function packages() {
  const wanted = sha256(readOr(join(root, 'package-lock.json')), readOr(join(root, 'package.json')));
  if (readOr(stamp) === wanted) return;
  if (existsSync(join(root, 'node_modules')) && (await complete())) return void writeFileSync(stamp, wanted);
  const bar = progress('installing npm packages');
  let result = await install(bar);
  if (result.code !== 0) {
    note(`npm ended with ${result.code}: trying once more`);
    result = await install(bar);
  }
  if (result.code !== 0) {
    bar.failed();
    throw new SetupError(
      `npm could not install the packages:\n${result.output.trim().split('\n').slice(-15).join('\n')}`,
      'Look at the network and at free space, then run the same command again.',
    );
  }
  writeFileSync(stamp, wanted);
  bar.done('npm packages installed');
}

/** A tree that somebody installed by hand counts too, when npm finds nothing missing in it. */
async function complete() {
  const { code } = await npm(['ls', '--all', '--silent']);
  return code === 0;
}

/**
 * `npm install`, not `npm ci`: ci takes away the Node that may be running us, and refuses a lock file that lacks packages of
 * other platforms, which a registry may not have. What the lock file names is installed as it says, by its hash;
 * with --no-save the file itself stays as it is.
 */
function install(bar) {
  return npm(['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=http'], (line) => {
    const name = /http fetch GET 200 \S*?\/([^/?\s]+?)(?:\.tgz)?(?:\?\S*)? /.exec(line)?.[1];
    if (name) bar.detail(decodeURIComponent(name).slice(0, 50));
  });
}

/** npm, run by the Node it came with: not by the one it is about to install. */
export function npm(args, onLine) {
  const bin = join(root, 'node_modules');
  const PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((part) => !part.startsWith(bin))
    .join(delimiter);
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !key.startsWith('npm_lifecycle') && !key.startsWith('npm_package')),
  );
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  const own = cli && node && existsSync(cli) && existsSync(node) && !node.startsWith(bin);
  return own ? run(node, [cli, ...args], { env: { ...env, PATH }, onLine }) : run('npm', args, { env: { ...env, PATH }, onLine });
}
