import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { homedir } from 'node:os';
import { filesBelow, importsOf, read, root, sources } from './tree.ts';

const lines_max = 250;
const text = /\.(ts|mjs|js|json|md|ya?ml|sql|sh|html|css|txt)$|(^|\/)(Dockerfile|run|tocsin)$/;
const texts = () => filesBelow().filter((path) => text.test(path) && path !== 'package-lock.json');

test(`no source file has more than ${lines_max} lines`, () => {
  const long = sources()
    .map((path) => [path, read(path).split('\n').length] as const)
    .filter(([, lines]) => lines > lines_max);

  expect(long).toEqual([]);
});

test('no file names a package registry or a path of somebody’s machine', () => {
  // Taken apart so that this file does not name them either.
  const hosts = [
    'registry.npmjs' + '.org',
    'npmjs' + '.com/package',
    'repo1.maven' + '.org',
    'repo.maven' + '.apache.org',
    'proxy.golang' + '.org',
    'deb.debian' + '.org',
    'files.pythonhosted' + '.org',
    'static.crates' + '.io',
  ];
  const places = [root, homedir() === '/' ? '' : `${homedir()}/`, '/work/' + 'main'].filter((path) => path.length > 4);
  const bad = texts().filter((path) => [...hosts, ...places].some((word) => read(path).includes(word)));

  expect(bad).toEqual([]);
});

test('the lock file names no host to fetch from', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/);
});

test('every source has named exports only', () => {
  // Jest takes its global set-up and tear-down by default export.
  expect(sources().filter((path) => /^export default\b/m.test(read(path)) && !path.startsWith('test/support/global-'))).toEqual([]);
});

test('no enums, no namespaces', () => {
  const places = sources().filter((path) => /^\s*(export\s+)?(const\s+)?(enum|namespace)\s+[A-Za-z]/m.test(read(path)));

  expect(places).toEqual([]);
});

test('every import leads to a file that is there', () => {
  const lost = sources()
    .flatMap(importsOf)
    .filter(({ to }) => /\.(ts|mjs)$/.test(to) && !existsSync(join(root, to)));

  expect(lost.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

test('every test stands where its source stands', () => {
  const free = [
    'test/house/',
    'test/scenarios/',
    'test/chaos/',
    'test/replay/',
    'test/lab/',
    'test/support/',
    'test/bench/',
    'test/scripts/',
  ];
  const strays = filesBelow('test')
    .filter((path) => path.endsWith('.test.ts') && !free.some((folder) => path.startsWith(folder)))
    .filter((path) => !existsSync(join(root, path.slice('test/'.length).replace(/\/[^/]*$/, ''))));

  expect(strays).toEqual([]);
});

test('names are kebab-case or one word', () => {
  const odd = sources().filter((path) => !/^[a-z0-9-]+(\.test)?\.(ts|mjs|js)$/.test(path.split('/').at(-1)!));

  expect(odd).toEqual([]);
});

test('programs of the tree are executable', () => {
  for (const path of ['.ci/run', 'bin/tocsin']) expect([path, (statSync(join(root, path)).mode & 0o111) !== 0]).toEqual([path, true]);
});

test('the papers of the house exist', () => {
  for (const path of [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/glossary.md',
    'docs/decisions',
    'docker-compose.yml',
  ])
    expect([path, existsSync(join(root, path))]).toEqual([path, true]);
});

test('the change log is open at its top', () => {
  expect(read('CHANGELOG.md')).toMatch(/^# Changelog\n\n## Unreleased\n/);
});
