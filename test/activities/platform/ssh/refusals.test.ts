import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createSshPool, type SshPool } from '../../../../activities/platform/ssh/pool.ts';
import type { Host } from '../../../../workflows/domain/site.ts';
import { createLab } from '../../../lab/lab.ts';
import { must } from '../../../lab/run.ts';
import type { Lab } from '../../../lab/spec.ts';
import { poolFor } from './support.ts';

let lab: Lab;
let pool: SshPool;
const shells = ['sh', 'bash', 'dash', 'fish', 'tcsh'] as const;

beforeAll(async () => {
  lab = await createLab({
    hosts: [{ name: 'one' }, { name: 'two' }, { name: 'inner', jump: ['one'] }],
    users: [
      ...shells.map((shell) => ({
        name: `u${shell}`,
        shell: shell === 'sh' || shell === 'dash' || shell === 'bash' ? `/bin/${shell}` : `/usr/bin/${shell}`,
        sudo: shell === 'bash',
      })),
    ],
    sshd: ['PasswordAuthentication yes'],
  });
  pool = poolFor(lab);
});
afterAll(async () => {
  pool?.close();
  await lab?.stop();
});

function one(more: Partial<Host> = {}): Host {
  return { ...lab.host('one'), ...more };
}

test('an unknown host key stops before anything is sent, with fingerprint and remedy', async () => {
  await expect(pool.exec(one({ host_keys: [] }), { argv: ['true'], timeout_ms: 5_000 })).rejects.toMatchObject({
    code: 'E-SSH-HOSTKEY-UNKNOWN',
    message: expect.stringMatching(/SHA256:/),
    hint: expect.stringContaining('tocsin hosts pin one'),
  });
});

test('a changed host key is a hard stop', async () => {
  await expect(pool.exec(one({ host_keys: lab.host('two').host_keys }), { argv: ['true'], timeout_ms: 5_000 })).rejects.toMatchObject({
    code: 'E-SSH-HOSTKEY-CHANGED',
    retry: false,
  });
});

test('a wrong password says so, and which variable holds it', async () => {
  const own = createSshPool({ lookup: () => undefined, secret: () => 'wrong' });
  await expect(
    own.exec(one({ key: null, vars: { password_env: 'WEB_PASSWORD' } }), { argv: ['true'], timeout_ms: 5_000 }),
  ).rejects.toMatchObject({
    code: 'E-SSH-PASSWORD',
    message: expect.stringContaining('refused the password in WEB_PASSWORD'),
  });
  own.close();
});

test('a key the host does not know, a missing one, an open one: each says what to do', async () => {
  const other = join(lab.folder, 'other');
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', other]);
  const open = join(lab.folder, 'open');
  copyFileSync(other, open);
  chmodSync(open, 0o644);
  const junk = join(lab.folder, 'junk');
  writeFileSync(junk, 'no key', { mode: 0o600 });
  const run = (key: string | null) => pool.exec(one({ key }), { argv: ['true'], timeout_ms: 5_000 });

  await expect(run(other)).rejects.toMatchObject({ code: 'E-SSH-AUTH', hint: expect.stringContaining('authorized_keys') });
  await expect(run('/nowhere/key')).rejects.toMatchObject({ code: 'E-SSH-KEY-MISSING' });
  await expect(run(open)).rejects.toMatchObject({ code: 'E-SSH-KEY-MODE', hint: `chmod 600 ${open}` });
  await expect(run(junk)).rejects.toMatchObject({ code: 'E-SSH-KEY-FORM' });
  await expect(run(null)).rejects.toMatchObject({ code: 'E-SSH-NO-KEY' });
});

test('an unreachable host is unreachable at once, and rests after three failures', async () => {
  const own = poolFor(lab);
  const dead = one({ address: '127.0.0.1', port: 1 });
  for (let round = 0; round < 3; round += 1)
    await expect(own.exec(dead, { argv: ['true'], timeout_ms: 5_000 })).rejects.toMatchObject({
      code: 'E-SSH-UNREACHABLE',
      kind: 'unreachable',
      retry: true,
    });

  await expect(own.exec(dead, { argv: ['true'], timeout_ms: 5_000 })).rejects.toThrow(/failed several times in a row/);
  own.close();
});

test('a server that accepts and stays silent is given up after the ready timeout', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()));
  const own = poolFor(lab, { ready_timeout_ms: 400 });

  await expect(
    own.exec(one({ address: '127.0.0.1', port: (silent.address() as { port: number }).port }), { argv: ['true'], timeout_ms: 5_000 }),
  ).rejects.toMatchObject({ code: 'E-SSH-UNREACHABLE', message: expect.stringContaining('no answer in time') });
  own.close();
  silent.close();
});

test('a frozen host is noticed by keepalive', async () => {
  const own = poolFor(lab, { keepalive_ms: 200, ready_timeout_ms: 500 });
  await own.exec(lab.host('two'), { argv: ['true'], timeout_ms: 5_000 });
  if (lab.kind === 'loopback') return own.close();
  await lab.exec('two', ['ip', 'link', 'set', 'management', 'down']);
  const running = own.exec(lab.host('two'), { argv: ['sleep', '20'], timeout_ms: 15_000 });

  await expect(running).rejects.toMatchObject({ code: expect.stringMatching(/E-SSH-(LOST|UNREACHABLE)/) });
  await lab.exec('two', ['ip', 'link', 'set', 'management', 'up']);
  own.close();
}, 20_000);
