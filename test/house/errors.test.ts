import { read, sources } from './tree.ts';

/** As written in the sources of the product; a code that ends in a hyphen is the beginning of several. */
const used = new Set(
  sources()
    .filter((path) => /^(workflows|activities|runbooks|worker|client)\//.test(path))
    .flatMap((path) => [...read(path).matchAll(/(?:code: |code\(|\? |: |\()'(E-[A-Z0-9]+(?:-[A-Z0-9]+)*)'/g)].map((match) => match[1]!)),
);

test('every error code is on the page of errors', () => {
  const page = new Set([...read('docs/errors.md').matchAll(/\bE-[A-Z0-9]+(?:-[A-Z0-9]+)*/g)].map((match) => match[0]));

  expect([...used].filter((code) => !page.has(code)).toSorted()).toEqual([]);
});
