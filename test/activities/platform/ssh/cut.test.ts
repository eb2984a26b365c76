import { cutPrograms } from './cut.ts';

test.each(['dash', 'bash --posix'])('a program cut anywhere starts nothing in %s', (shell) => {
  const { points, ran } = cutPrograms({ shell, step: 61, tail: 150 });

  expect(ran).toEqual([]);
  expect(points).toBeGreaterThan(300);
});
