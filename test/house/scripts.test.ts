import { spawnSync } from 'node:child_process';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { importsOf, read, root, sources } from './tree.ts';

const scripts = sources().filter((path) => path.startsWith('scripts/'));

test('the scripts run before anything is installed: they use built-in modules and each other only', () => {
  const strange = scripts
    .flatMap(importsOf)
    .filter(({ to }) => !to.startsWith('scripts/') && !(to.startsWith('node:') && builtinModules.includes(to.slice(5))));

  expect(strange).toEqual([]);
});

test('the scripts use nothing that Node 18 lacks', () => {
  const newer =
    /\.toSorted\(|\.toReversed\(|\.toSpliced\(|Promise\.withResolvers|Object\.groupBy|import\.meta\.(dirname|filename)|node:sqlite|\bstyleText\b/;

  expect(scripts.filter((path) => newer.test(read(path)))).toEqual([]);
});

test('an unknown task is answered with the known ones', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'tocsin.mjs'), 'dance'], { encoding: 'utf8' });

  expect(status).toBe(2);
  expect(stderr).toMatch(/usage: .*setup\|build\|lint\|format\|test\|start\|demo\|bench\|chaos/);
});

test('every npm script goes through the one door', () => {
  const { scripts: named, allowScripts } = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
    allowScripts: Record<string, boolean>;
  };

  for (const [name, line] of Object.entries(named)) expect([name, line]).toEqual([name, `node scripts/tocsin.mjs ${name}`]);
  expect(allowScripts['node']).toBe(true);
});
