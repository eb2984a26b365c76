import { join } from 'node:path';
import { stepKinds } from '../../activities/steps/index.ts';
import { loadRunbooks } from '../../runbooks/library.ts';
import { filesBelow, read, root } from './tree.ts';

const files = filesBelow('runbooks').filter((path) => path.endsWith('.yaml') && !path.endsWith('.test.yaml'));

test('every runbook of the library compiles without an error', async () => {
  const { runbooks, problems } = await loadRunbooks([join(root, 'runbooks')]);

  expect(problems.filter(({ level }) => level === 'error')).toEqual([]);
  expect(runbooks.length).toBe(files.length);
  expect(files.length).toBeGreaterThanOrEqual(6);
});

test('every runbook of the library has a test beside it', () => {
  const tests = new Set(filesBelow('runbooks').filter((path) => path.endsWith('.test.yaml')));

  expect(files.filter((path) => !tests.has(path.replace(/\.yaml$/, '.test.yaml')))).toEqual([]);
});

test('every step kind is documented, with words for people in both languages', () => {
  const page = read('docs/runbook-language.md');

  for (const kind of stepKinds) {
    expect([kind.id, page.includes(`### ${kind.id}\n`)]).toEqual([kind.id, true]);
    expect([kind.id, [kind.words.zh, kind.words.en].every(({ title, help }) => title.length > 0 && help.length > 0)]).toEqual([
      kind.id,
      true,
    ]);
  }
});
