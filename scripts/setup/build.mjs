import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { pinnedNode } from './node.mjs';
import { readOr, root, sha256 } from './root.mjs';
import { run } from './run.mjs';
import { progress, SetupError } from './say.mjs';

const sources = ['workflows', 'activities', 'runbooks', 'worker', 'client', 'bench', 'test/lab', 'test/support', 'test/chaos', 'test/demo'];
const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const dist = join(root, 'dist');
const stamp = join(dist, '.stamp');

/** Compiles into dist, puts the data files beside, and packs the workflows; nothing when nothing changed. */
export async function build() {
  const files = sources.flatMap((folder) => walk(join(root, folder)));
  const wanted = sha256(...settings.map((name) => readOr(join(root, name))), ...files.map(fingerprint));
  if (readOr(stamp) === wanted) return;
  const bar = progress('building');
  try {
    await compile();
    copyData(files);
    dropOrphans(new Set(files.map((file) => relative(root, file))));
    bar.detail('packing the workflows');
    await node('worker/bundle.js');
    writeFileSync(stamp, wanted);
    bar.done('built');
  } catch (error) {
    bar.failed();
    throw error;
  }
}

async function compile() {
  const { code, output } = await run(await pinnedNode(), [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  if (code !== 0)
    throw new SetupError(
      `the build found errors:\n${output.trim().split('\n').slice(0, 40).join('\n')}`,
      'Mend them and run the same command again.',
    );
}

/** Whatever is no source is read at run time from beside the code: SQL, runbooks, pictures, scripts. */
function copyData(files) {
  for (const file of files.filter((name) => extname(name) !== '.ts')) {
    const target = join(dist, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

/** The compiled file of a source that is gone would still be found by those who scan folders. */
function dropOrphans(known) {
  for (const file of sources.flatMap((folder) => walk(join(dist, folder)))) {
    const name = relative(dist, file).replace(/\.js(\.map)?$/, '.ts');
    if (!known.has(name) && !known.has(relative(dist, file))) rmSync(file);
  }
}

export async function node(entry, args = [], onLine = () => {}) {
  const { code, output } = await run(await pinnedNode(), [join(dist, entry), ...args], { onLine });
  if (code !== 0) throw new SetupError(output.trim().split('\n').slice(-12).join('\n'));
  return output;
}

function walk(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });
}

function fingerprint(file) {
  const { size, mtimeMs } = statSync(file);
  return `${relative(root, file)}:${size}:${mtimeMs};`;
}
