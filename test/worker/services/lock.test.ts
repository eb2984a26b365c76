import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHolder, tryLock, withLock } from '../../../worker/services/lock.ts';
import { testFolder } from '../../support/folder.ts';
import { processId } from '../../../worker/services/process.ts';

const file = () => join(testFolder('lock'), 'lock');

test('tryLock answers the holder instead of waiting', () => {
  const path = file();
  const held = tryLock(path);

  expect(tryLock(path)).toEqual(processId(process.pid));
  if ('release' in held) held.release();
  expect(lockHolder(path)).toBeNull();
  expect('release' in tryLock(path)).toBe(true);
});

test('a holder that died gives way, whatever its pid does now', () => {
  const path = file();
  writeFileSync(path, JSON.stringify({ pid: process.pid, born: 'another boot/7' }));

  expect('release' in tryLock(path)).toBe(true);
});

test('a lock file that is torn gives way', () => {
  const path = file();
  writeFileSync(path, '{"pid": 12');

  expect('release' in tryLock(path)).toBe(true);
});

test('withLock lets one work at a time', async () => {
  const path = file();
  const order: string[] = [];
  const job = (name: string) => async () => {
    order.push(`${name} in`);
    await sleep(30);
    order.push(`${name} out`);
  };

  await Promise.all([withLock(path, () => undefined, job('a')), withLock(path, () => undefined, job('b'))]);

  expect(order).toEqual(['a in', 'a out', 'b in', 'b out']);
});
