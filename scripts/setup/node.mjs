import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './packages.mjs';
import { readOr, root } from './root.mjs';
import { progress, SetupError } from './say.mjs';

const windows = process.platform === 'win32';
const home = join(root, 'node_modules', 'node');
const binary = join(home, 'bin', windows ? 'node.exe' : 'node');
let known;

/**
 * Path of the pinned Node. The package "node" fetches it in an install script, which an npm that asks before running
 * such scripts may have left out: then it is fetched here.
 */
export async function pinnedNode() {
  if (known) return known;
  const wanted = JSON.parse(readOr(join(home, 'package.json'), '{}')).version;
  if (!wanted) throw new SetupError('the npm package "node" is not installed', 'Remove node_modules and run the same command again.');
  if (versionOf(binary) !== `v${wanted}`) await mend(wanted);
  linkIt();
  return (known = binary);
}

function versionOf(file) {
  return existsSync(file) ? spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim() : undefined;
}

async function mend(version) {
  const bar = progress(`getting Node ${version}`);
  const name = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${windows ? 'win' : process.platform}-${process.arch}`;
  const work = mkdtempSync(join(root, 'node_modules', '.node-'));
  try {
    const { code, output } = await npm([
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefix',
      work,
      `${name}@${version}`,
    ]);
    const fresh = join(work, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
    if (code !== 0 || !existsSync(fresh))
      throw new SetupError(
        `Node ${version} cannot be installed for ${process.platform}/${process.arch}: ${output.trim().split('\n').at(-1)}`,
        'Look at the network and run the same command again.',
      );
    mkdirSync(join(home, 'bin'), { recursive: true });
    // Beside and renamed: the file may be running.
    copyFileSync(fresh, `${binary}.new`);
    chmodSync(`${binary}.new`, 0o755);
    renameSync(`${binary}.new`, binary);
    bar.done(`Node ${version} is here`);
  } catch (error) {
    bar.failed();
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function linkIt() {
  const link = join(root, 'node_modules', '.bin', 'node');
  if (windows || existsSync(link)) return;
  rmSync(link, { force: true });
  symlinkSync(join('..', 'node', 'bin', 'node'), link);
}
