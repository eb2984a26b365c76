import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRunbook, loadRunbooks } from '../../runbooks/library.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'library-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(file: string, name: string, version = 1): Promise<void> {
  const full = path.join(folder, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, `runbook: ${name}\nversion: ${version}\ntitle: T\nowner: o\nsteps: [{ id: a, wait: { for: 1s } }]\n`);
}

test('finds runbooks in folders of folders, not their tests, and the newest version in a range', async () => {
  await put('a/one.yaml', 'one', 1);
  await put('a/one-v3.yaml', 'one', 3);
  await put('b/two.yml', 'two');
  await writeFile(path.join(folder, 'a/one.test.yaml'), 'no: runbook\n');
  const library = await loadRunbooks([folder]);

  expect(library.problems).toEqual([]);
  expect(library.runbooks.map(({ name, version }) => `${name}@${version}`)).toEqual(['one@1', 'one@3', 'two@1']);
  expect(findRunbook(library, 'one').version).toBe(3);
  expect(findRunbook(library, 'one', '<3').version).toBe(1);
  expect(() => findRunbook(library, 'one', '>3')).toThrow(/in version ">3": there is 1, 3/);
  expect(() => findRunbook(library, 'onne')).toThrow(
    expect.objectContaining({ code: 'E-RUNBOOK-UNKNOWN', hint: 'did you mean "one"?' }) as Error,
  );
});

test('the earlier folder wins, and within one folder a name and version stands once', async () => {
  await put('site/x.yaml', 'x');
  await put('site/y.yaml', 'x');
  await put('library/x.yaml', 'x');
  const { runbooks, problems } = await loadRunbooks([path.join(folder, 'site'), path.join(folder, 'library')]);

  expect(runbooks.map(({ file }) => path.relative(folder, file))).toEqual(['site/x.yaml']);
  expect(problems).toMatchObject([{ code: 'E-DUPLICATE-NAME', file: path.join(folder, 'site/y.yaml') }]);
});

test('a link that leads out of the folder is refused', async () => {
  await put('outside/x.yaml', 'x');
  await put('inside/y.yaml', 'y');
  await symlink(path.join(folder, 'outside/x.yaml'), path.join(folder, 'inside/x.yaml'));
  const { runbooks, problems } = await loadRunbooks([path.join(folder, 'inside')]);

  expect(runbooks.map(({ name }) => name)).toEqual(['y']);
  expect(problems).toMatchObject([{ code: 'E-LINK' }]);
});

test('a broken file and an absent folder do not hide the others', async () => {
  await put('good.yaml', 'good');
  await writeFile(path.join(folder, 'bad.yaml'), `${'? '.repeat(800)}x`);
  const { runbooks, problems } = await loadRunbooks([folder, path.join(folder, 'nowhere')]);

  expect(runbooks.map(({ name }) => name)).toEqual(['good']);
  expect(problems.map(({ code }) => code)).toEqual(['E-YAML-DEPTH', 'E-FOLDER']);
});
