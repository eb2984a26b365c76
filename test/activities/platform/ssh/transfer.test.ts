import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshPool } from '../../../../activities/platform/ssh/pool.ts';
import { copyFile } from '../../../../activities/platform/ssh/transfer/copy.ts';
import { openLocal } from '../../../../activities/platform/ssh/transfer/end.ts';
import { openPlace, type Place } from '../../../../activities/platform/ssh/transfer/place.ts';
import { pump } from '../../../../activities/platform/ssh/transfer/pump.ts';
import { NoStream } from '../../../../activities/platform/ssh/transfer/stream.ts';
import { createLab } from '../../../lab/lab.ts';
import type { Lab } from '../../../lab/spec.ts';
import { poolFor } from './support.ts';

let lab: Lab;
let pool: SshPool;
let folder: string;
const data = randomBytes(3_000_017);
const sha256 = createHash('sha256').update(data).digest('hex');
const users = [
  { name: 'ufish', shell: '/usr/bin/fish' },
  { name: 'utcsh', shell: '/usr/bin/tcsh' },
  { name: 'ubash', shell: '/bin/bash' },
  { name: 'unoshell', shell: '/bin/sh' },
];

beforeAll(async () => {
  lab = await createLab({ hosts: [{ name: 'one' }], users, sshd: ['Match User unoshell', 'ForceCommand internal-sftp', 'Match all'] });
  pool = poolFor(lab);
  folder = mkdtempSync(join(tmpdir(), 'tocsin-transfer-'));
  writeFileSync(join(folder, 'data'), data);
});
afterAll(async () => {
  pool?.close();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const here = (name: string): Place => ({ host: null, path: join(folder, name) });

test.each(users)('a copy to $name, $shell, and back is whole, whatever its name holds', async ({ name }) => {
  if (lab.kind === 'loopback') return;
  const there: Place = { host: { ...lab.host('one'), user: name }, path: `/tmp/${name} 'it\\n$x !` };
  const copy = (from: Place, to: Place) => copyFile({ pool, from, to, mode: 0o600, key: name, signal });

  expect(await copy(here('data'), there)).toEqual({ sha256, bytes: data.length });
  expect(await copy(there, here(name))).toEqual({ sha256, bytes: data.length });
  expect(readFileSync(here(name).path).equals(data)).toBe(true);
});

test('a host with a shell gives and takes a stream, one without says so before a byte has moved', async () => {
  if (lab.kind === 'loopback') return;
  for (const user of ['ubash', 'unoshell']) {
    const place = await openPlace({ host: { ...lab.host('one'), user }, path: '' }, { pool, signal });
    const target = await place.open(`/tmp/stream-${user}`, 'write');
    const opened = target.sink!().then((sink) => sink.end());
    if (user === 'ubash') await opened;
    else await expect(opened).rejects.toBeInstanceOf(NoStream);
    await target.close();
    place.release();
  }
});

test('a disk that fills up under a stream is said, not passed over', async () => {
  if (lab.kind === 'loopback') return;
  await lab.exec('one', ['sh', '-c', 'mkdir /tmp/small && mount -t tmpfs -o size=1m none /tmp/small && chmod 777 /tmp/small']);
  const place = await openPlace({ host: { ...lab.host('one'), user: 'ubash' }, path: '' }, { pool, signal });
  const from = await openLocal(here('data').path, 'read');
  const to = await place.open('/tmp/small/file', 'write');

  await expect(pump({ from, to, signal, hash: null })).rejects.toMatchObject({ code: 'ENOSPC' });
  await from.close();
  await to.close();
  place.release();
});

test('a source that grows while it is read is refused', async () => {
  const from = await openLocal(here('data').path, 'read');
  const to = await openLocal(here('less').path, 'write');

  await expect(pump({ from: { ...from, size: 1_000 }, to, signal, hash: null })).rejects.toMatchObject({ code: 'ECHANGED' });
  await from.close();
  await to.close();
});
