import { createSshPool, type SshPool } from '../../../../activities/platform/ssh/pool.ts';
import type { Host } from '../../../../workflows/domain/site.ts';
import { createLab } from '../../../lab/lab.ts';
import type { Lab } from '../../../lab/spec.ts';
import { hostile, poolFor } from './support.ts';

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

const print = 'for a do printf "%s\\0" "$a"; done';

test.each(shells)('hostile arguments arrive unchanged when the login shell is %s', async (shell) => {
  if (lab.kind === 'loopback') return;
  const answer = await pool.exec(one({ user: `u${shell}` }), { program: print, argv: hostile, timeout_ms: 10_000 });

  expect(answer.stdout.toString('utf8').split('\0').slice(0, -1)).toEqual([...hostile]);
  expect(answer.stderr.toString()).toBe('');
  expect((await lab.exec('one', ['find', '/home', '/root', '/tmp', '-name', 'PWNED'])).stdout).toBe('');
});

test('environment, standard input and folder arrive as given, none of it in the process list', async () => {
  const secret = 'pa$$"word\'';
  const answer = await pool.exec(one(), {
    program: 'cat; printf %s "$SECRET"; pwd; cat /proc/$PPID/cmdline /proc/$$/cmdline',
    env: { SECRET: secret },
    stdin: Buffer.from([0, 1, 255, 10, 92, 39]),
    cwd: '/usr',
    timeout_ms: 5_000,
  });
  const said = answer.stdout.toString('latin1');

  expect(said.startsWith(`\u0000\u0001\u00ff\n\\'${secret}/usr\n`)).toBe(true);
  expect(said.split('/usr\n')[1]).not.toContain('pa$$');
});

test('a folder that does not exist stops the command instead of running it at home', async () => {
  const answer = await pool.exec(one(), { argv: ['pwd'], cwd: '/nonexistent', timeout_ms: 5_000 });

  expect(answer).toMatchObject({ exit: 126 });
  expect(answer.stdout.toString()).toBe('');
});

test('a warning on stderr with exit 0 is a success, an exit status is never lost', async () => {
  expect(await pool.exec(one(), { program: 'echo careful >&2', timeout_ms: 5_000 })).toMatchObject({ exit: 0 });
  expect(await pool.exec(one(), { program: 'exit 3', timeout_ms: 5_000 })).toMatchObject({ exit: 3 });
  expect(await pool.exec(one(), { program: 'kill -9 $$', timeout_ms: 5_000 })).toMatchObject({ exit: null, signal: 'SIGKILL' });
});

test('UTF-8 is whole whatever the packets', async () => {
  const answer = await pool.exec(one(), {
    program: 'i=0; while [ $i -lt 20000 ]; do printf "漢字🚨é"; i=$((i+1)); done',
    timeout_ms: 20_000,
  });

  expect(answer.stdout.toString('utf8')).toBe('漢字🚨é'.repeat(20_000));
});

test('output beyond the cap is counted, not kept', async () => {
  const answer = await pool.exec(one(), { program: 'head -c 3000000 /dev/zero', cap: 1_000, timeout_ms: 20_000 });

  expect(answer.stdout.length).toBe(1_000);
  expect(answer.stdout_bytes).toBe(3_000_000);
});

test('a command that is too slow is ended on the host', async () => {
  const began = Date.now();
  await expect(pool.exec(one(), { argv: ['sleep', '77'], timeout_ms: 300 })).rejects.toMatchObject({
    code: 'E-SSH-TIMEOUT',
    kind: 'timeout',
  });

  expect(Date.now() - began).toBeLessThan(3_000);
  if (lab.kind === 'namespaces') expect((await lab.exec('one', ['pgrep', '-f', 'sleep 77'])).stdout).toBe('');
});

test('an abort ends the command and says that it is gone', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 200);

  await expect(pool.exec(one(), { argv: ['sleep', '78'], timeout_ms: 9_000, signal: abort.signal })).rejects.toMatchObject({
    code: 'E-SSH-ABORTED',
    kind: 'cancelled',
  });
});

test('a connection lost in mid-command is unknown, never a success', async () => {
  const running = pool.exec(lab.host('two'), { program: 'echo partial; sleep 30', timeout_ms: 20_000 });
  const settled = expect(running).rejects.toMatchObject({ code: 'E-SSH-LOST', kind: 'unknown' });
  await new Promise((resolve) => setTimeout(resolve, 400));
  await lab.killSessions('two');

  await settled;
  expect(await pool.exec(lab.host('two'), { argv: ['true'], timeout_ms: 5_000 })).toMatchObject({ exit: 0 });
});

test('forty commands at once on one host share at most four connections of eight channels', async () => {
  const own = poolFor(lab);
  const answers = await Promise.all(Array.from({ length: 40 }, () => own.exec(one(), { argv: ['sleep', '0.1'], timeout_ms: 9_000 })));
  const { connections, channels } = own.stats();
  own.close();

  expect(answers.every((answer) => answer.exit === 0)).toBe(true);
  expect(connections).toBeLessThanOrEqual(4);
  expect(channels).toBe(0);
});

test('a host that allows few sessions gets more connections instead of failures', async () => {
  const strict = await createLab({ hosts: [{ name: 'strict' }], sshd: ['MaxSessions 2'] });
  const own = poolFor(strict);
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => own.exec(strict.host('strict'), { argv: ['sleep', '0.1'], timeout_ms: 9_000 })),
  );
  own.close();
  await strict.stop();

  expect(answers.every((answer) => answer.exit === 0)).toBe(true);
});

test('sftp sessions give their channel back', async () => {
  const own = poolFor(lab, { connections_max: 1 });
  for (let round = 0; round < 20; round += 1) (await own.sftp(one())).release();
  const answer = await own.exec(one(), { argv: ['true'], timeout_ms: 5_000 });
  own.close();

  expect(answer.exit).toBe(0);
});

test('a host behind a bastion is reached through it, both keys checked', async () => {
  expect((await pool.exec(lab.host('inner'), { argv: ['hostname'], timeout_ms: 9_000 })).exit).toBe(0);
  const wrong = createSshPool({ lookup: () => one({ host_keys: lab.host('two').host_keys }) });

  await expect(wrong.exec(lab.host('inner'), { argv: ['true'], timeout_ms: 9_000 })).rejects.toMatchObject({
    code: 'E-SSH-HOSTKEY-CHANGED',
  });
  wrong.close();
});

test('jump hosts that are missing or lead in a circle are named', async () => {
  const circle: Host[] = [one({ name: 'a', jump: ['b'] }), one({ name: 'b', jump: ['c'] }), one({ name: 'c', jump: ['a'] })];
  const lost = createSshPool({ lookup: (name) => circle.find((host) => host.name === name) });

  await expect(lost.exec(circle[0]!, { argv: ['true'], timeout_ms: 5_000 })).rejects.toMatchObject({ code: 'E-SSH-JUMP' });
  await expect(lost.exec(one({ jump: ['nowhere'] }), { argv: ['true'], timeout_ms: 5_000 })).rejects.toThrow(
    /"nowhere" is not in the inventory/,
  );
  lost.close();
});

test('sudo that is refused is a refusal, sudo that is allowed works, another user too', async () => {
  if (lab.kind === 'loopback') return;
  await expect(pool.exec(one({ user: 'ush' }), { argv: ['id'], sudo: true, timeout_ms: 5_000 })).rejects.toMatchObject({
    code: 'E-SSH-SUDO',
    kind: 'refused',
    hint: expect.stringContaining('NOPASSWD'),
  });
  expect((await pool.exec(one({ user: 'ubash' }), { argv: ['id', '-un'], sudo: true, timeout_ms: 5_000 })).stdout.toString()).toBe(
    'root\n',
  );
  expect((await pool.exec(one({ user: 'ubash' }), { argv: ['id', '-un'], as: 'ufish', timeout_ms: 5_000 })).stdout.toString()).toBe(
    'ufish\n',
  );
  await expect(pool.exec(one(), { argv: ['id'], as: 'root; id', timeout_ms: 5_000 })).rejects.toMatchObject({ code: 'E-SSH-SHELL' });
});

test('a NUL in an argument is refused before anything is sent', async () => {
  await expect(pool.exec(one(), { argv: ['echo', 'a\0b'], timeout_ms: 5_000 })).rejects.toMatchObject({ code: 'E-SSH-NUL' });
});
