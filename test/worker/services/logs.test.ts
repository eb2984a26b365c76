import { closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '../../support/folder.ts';
import { openLog, rotateLog, tailOf } from '../../../worker/services/logs.ts';

test('a large log moves aside while its writer goes on', () => {
  const file = join(testFolder('log'), 'part.log');
  const fd = openLog(file);
  for (const round of ['one', 'two', 'three', 'four', 'five']) {
    writeSync(fd, `${round}\n`);
    expect(rotateLog(file, 3)).toBe(true);
  }
  writeSync(fd, 'six\n');
  closeSync(fd);

  expect(readFileSync(file, 'utf8')).toBe('six\n');
  expect(['1', '2', '3'].map((n) => readFileSync(`${file}.${n}`, 'utf8'))).toEqual(['five\n', 'four\n', 'three\n']);
  expect(rotateLog(file, 1_000)).toBe(false);
  expect(tailOf(file)).toEqual(['six']);
});
