import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshPool } from '../../../activities/platform/ssh/pool.ts';
import { copy } from '../../../activities/steps/copy.ts';
import type { JsonMap } from '../../../workflows/domain/words.ts';
import { createLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/spec.ts';
import { poolFor } from '../platform/ssh/support.ts';
import { act, type ActOptions } from './support.ts';

let lab: Lab;
let pool: SshPool;
let folder: string;
const data = randomBytes(5_000_001);
const sha256 = createHash('sha256').update(data).digest('hex');

beforeAll(async () => {
  lab = await createLab({ hosts: [{ name: 'db1' }, { name: 'db2' }] });
  pool = poolFor(lab);
  folder = mkdtempSync(join(tmpdir(), 'tocsin-copy-'));
  writeFileSync(join(folder, 'data'), data, { mode: 0o640 });
});
afterAll(async () => {
  pool?.close();
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: JsonMap, more: Partial<ActOptions> = {}) {
  return act({ lab, pool, kind: copy, node: null, args, ...more });
}

/** Loopback hosts share one disk: every one gets a folder of its own. */
function at(name: string, file: string): string {
  return lab.kind === 'namespaces' ? `/tmp/${file}` : join(lab.folder, name, 'tmp', file);
}

test('there, across and back: same bytes, same permissions, proven by both sides', async () => {
  const there = await run({ from: join(folder, 'data'), to: `db1:${at('db1', 'a file')}` });
  const across = await run({ from: `db1:${at('db1', 'a file')}`, to: `db2:${at('db2', 'b')}` });
  const back = await run({ from: `db2:${at('db2', 'b')}`, to: join(folder, 'back') });

  for (const outcome of [there, across, back])
    expect(outcome).toMatchObject({ ok: true, ran: 'yes', result: { sha256, bytes: data.length } });
  expect(readFileSync(join(folder, 'back')).equals(data)).toBe(true);
  expect(statSync(join(folder, 'back')).mode & 0o777).toBe(0o640);
  expect((await lab.exec('db2', ['stat', '-c', '%a', at('db2', 'b')])).stdout.trim()).toBe('640');
});

test('an existing file is replaced in one step, its permissions as asked, no spare file left', async () => {
  await lab.exec('db1', ['sh', '-c', `echo old >${at('db1', 'conf')}`]);
  await run({ from: join(folder, 'data'), to: `db1:${at('db1', 'conf')}`, mode: '0600' });
  const listed = await lab.exec('db1', [
    'sh',
    '-c',
    `stat -c '%a %s' ${at('db1', 'conf')}; ls -a $(dirname ${at('db1', 'conf')}) | grep -c tocsin-`,
  ]);

  expect(listed.stdout).toBe(`600 ${data.length}\n0\n`);
});

test('an empty file is a file', async () => {
  writeFileSync(join(folder, 'empty'), '');

  expect(await run({ from: join(folder, 'empty'), to: `db1:${at('db1', 'empty')}` })).toMatchObject({
    ok: true,
    result: { bytes: 0, sha256: createHash('sha256').digest('hex') },
  });
});

test('a full disk is said, the old file stays, the partial copy goes', async () => {
  if (lab.kind === 'loopback') return;
  await lab.exec('db1', ['sh', '-c', 'mkdir /tmp/small && mount -t tmpfs -o size=2m none /tmp/small && echo old >/tmp/small/file']);
  const outcome = await run({ from: join(folder, 'data'), to: 'db1:/tmp/small/file' });

  expect(outcome).toMatchObject({
    ok: false,
    ran: 'no',
    problem: { message: expect.stringMatching(/the disk on "db1" is full \(5000001 bytes needed/) },
  });
  expect((await lab.exec('db1', ['sh', '-c', 'cat /tmp/small/file; ls -a /tmp/small | wc -l'])).stdout).toBe('old\n3\n');
});

test.each([
  ['a source that is not there', { from: 'db1:/nowhere/x', to: 'x' }, /no such file or folder/],
  ['a folder as the source', { from: 'db1:/etc', to: 'x' }, /not a plain file/],
  ['a target folder that is not there', { from: 'DATA', to: 'db1:/nowhere/x' }, /"\/nowhere\/x" on "db1": no such file or folder/],
  ['a host that is not known', { from: 'DATA', to: 'db9:/tmp/x' }, /"db9"/],
])('%s is named', async (_, args, message) => {
  const outcome = await run({ ...args, from: args.from === 'DATA' ? join(folder, 'data') : args.from });

  expect(outcome).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'refused', message: expect.stringMatching(message) } });
});

test('an abort in the middle leaves the old file and nothing else', async () => {
  writeFileSync(join(folder, 'big'), randomBytes(60_000_000));
  const abort = new AbortController();
  const outcome = await run(
    { from: join(folder, 'big'), to: `db1:${at('db1', 'big')}` },
    { signal: abort.signal, beat: () => abort.abort() },
  );

  expect(outcome).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'cancelled' } });
  expect((await lab.exec('db1', ['sh', '-c', `ls -a $(dirname ${at('db1', 'big')}) | grep -c big`])).stdout).toBe('0\n');
});

test('the site folder is where relative paths begin', async () => {
  writeFileSync(join(lab.folder, 'note.txt'), 'hello');
  const outcome = await run({ from: 'note.txt', to: `db1:${at('db1', 'note')}` });

  expect(outcome.ok).toBe(true);
  expect(readdirSync(lab.folder)).toContain('note.txt');
});
