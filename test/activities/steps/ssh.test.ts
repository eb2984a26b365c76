import { createHash, randomUUID } from 'node:crypto';
import type { SshPool } from '../../../activities/platform/ssh/pool.ts';
import { ssh } from '../../../activities/steps/ssh.ts';
import { lastLine, readable } from '../../../activities/steps/ssh-output.ts';
import type { JsonMap } from '../../../workflows/domain/words.ts';
import { createLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/spec.ts';
import { poolFor } from '../platform/ssh/support.ts';
import { act, keepOutputs, type ActOptions } from './support.ts';

let lab: Lab;
let pool: SshPool;

beforeAll(async () => {
  lab = await createLab({ hosts: [{ name: 'web1' }], users: [{ name: 'ops' }] });
  pool = poolFor(lab);
});
afterAll(async () => {
  pool?.close();
  await lab?.stop();
});

function run(args: JsonMap, more: Partial<ActOptions> = {}) {
  return act({ lab, pool, kind: ssh, node: 'web1', args, ...more });
}

test.each(['read', 'change'] as const)('a %s gives exit, texts, sizes and sum', async (risk) => {
  const kept = keepOutputs();
  const outcome = await run({ shell: 'echo out; echo err >&2' }, { risk, kept });

  expect(outcome).toMatchObject({
    node: 'web1',
    ok: true,
    ran: 'yes',
    problem: null,
    result: {
      exit: 0,
      stdout: 'out\n',
      stderr: 'err\n',
      bytes: { stdout: 4, stderr: 4 },
      cut: false,
      sha256: createHash('sha256').update('out\n').digest('hex'),
    },
  });
  expect(kept.text('stdout').toString()).toBe('out\n');
  expect(kept.text('stderr').toString()).toBe('err\n');
});

test.each(['read', 'change'] as const)('a %s that says no is an exit, with what it said last', async (risk) => {
  const outcome = await run({ run: ['sh', '-c', 'echo first; printf "\\033[31mcannot do it\\033[0m\\n" >&2; exit 3'] }, { risk });

  expect(outcome).toMatchObject({
    ok: false,
    ran: 'yes',
    result: { exit: 3 },
    problem: { kind: 'exit', message: expect.stringContaining('on "web1": exit 3 (cannot do it)') },
  });
});

test('large output: the result carries a marked tail, the records the beginning and the end', async () => {
  const kept = keepOutputs();
  const outcome = await run(
    { shell: 'i=0; while [ $i -lt 300000 ]; do echo "line $i of a long output ............"; i=$((i+1)); done' },
    { kept, risk: 'read' },
  );
  const result = outcome.result as { stdout: string; bytes: { stdout: number }; cut: boolean };

  expect(result.bytes.stdout).toBeGreaterThan(10_000_000);
  expect(result.cut).toBe(true);
  expect(result.stdout).toMatch(/^\[\d+ bytes before this are in the records\]\n/);
  expect(result.stdout.endsWith('line 299999 of a long output ............\n')).toBe(true);
  expect(kept.text('stdout').length).toBe(8 * 1024 * 1024);
  expect(kept.text('stdout').toString().startsWith('line 0 of')).toBe(true);
  expect(kept.text('stdout').toString().endsWith('line 299999 of a long output ............\n')).toBe(true);
}, 40_000);

test('bytes that are no UTF-8, and NUL, become marks in the result and stay bytes in the records', async () => {
  const kept = keepOutputs();
  const outcome = await run({ shell: 'printf "a\\377\\000b"' }, { kept });

  expect(outcome.result).toMatchObject({ stdout: 'a\ufffd\ufffdb' });
  expect(kept.text('stdout')).toEqual(Buffer.from([97, 255, 0, 98]));
});

test('a retry of the same decision re-attaches: one run, one copy of the output', async () => {
  const kept = keepOutputs();
  const key = `run-1/step#${randomUUID()}`;
  const args = { shell: `echo x >>/tmp/${key.slice(11)}; echo done` };
  await run(args, { key, kept });
  const again = await run(args, { key, kept, resumed: { started: true } });

  expect(again).toMatchObject({ ok: true, result: { stdout: 'done\n' } });
  expect(kept.text('stdout').toString()).toBe('done\n');
  expect((await lab.exec('web1', ['cat', `/tmp/${key.slice(11)}`])).stdout).toBe('x\n');
});

test('heartbeats say "about to start", then "started" with offsets', async () => {
  const beats: JsonMap[] = [];
  await run({ shell: 'echo one; sleep 0.6; echo two' }, { beat: (details) => beats.push(details) });

  expect(beats[0]).toEqual({ started: false, stdout: 0, stderr: 0 });
  expect(beats.at(-1)).toEqual({ started: true, stdout: 8, stderr: 0 });
});

test('known to be started, and the host has forgotten: unknown, nothing runs', async () => {
  expect(await run({ run: ['touch', '/tmp/never'] }, { resumed: { started: true } })).toMatchObject({
    ok: false,
    ran: 'unknown',
    problem: { kind: 'unknown' },
  });
  expect((await lab.exec('web1', ['test', '-e', '/tmp/never'])).code).toBe(1);
});

test.each(['read', 'change'] as const)('a %s slower than its timeout is stopped and says timeout', async (risk) => {
  const outcome = await run({ run: ['sleep', '87'] }, { risk, timeout_ms: 400 });

  expect(outcome).toMatchObject({ ok: false, problem: { kind: 'timeout' } });
  expect((await lab.exec('web1', ['pgrep', '-f', 'sleep 87'])).code).toBe(1);
});

test.each(['read', 'change'] as const)('an aborted %s is gone from the host', async (risk) => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 400);
  const outcome = await run({ run: ['sleep', '88'] }, { risk, signal: abort.signal });

  expect(outcome).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
  expect((await lab.exec('web1', ['pgrep', '-f', 'sleep 88'])).code).toBe(1);
});

test('an unreachable host: nothing ran', async () => {
  const outcome = await run({ run: ['true'] }, { lab: { ...lab, hosts: [{ ...lab.host('web1'), address: '127.0.0.1', port: 1 }] } as Lab });

  expect(outcome).toMatchObject({
    ok: false,
    ran: 'no',
    problem: { kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') },
  });
});

test('a changed host key, refused sudo, a missing folder: refused before any effect', async () => {
  const host = lab.host('web1');
  const changed = await run(
    { run: ['true'] },
    {
      lab: {
        ...lab,
        hosts: [{ ...host, host_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKkJkTzvVVfnXeAbIFHUq2NXhLDnYTKwGkRHPNuGm0Hx'] }],
      } as Lab,
    },
  );
  const cwd = await run({ run: ['true'], cwd: '/nowhere' });

  expect(changed).toMatchObject({ ran: 'no', problem: { kind: 'refused', message: expect.stringContaining('HOST KEY CHANGED') } });
  expect(cwd).toMatchObject({ ran: 'no', problem: { kind: 'refused', message: expect.stringContaining('working folder') } });
  if (lab.kind === 'loopback') return;
  const sudo = await run({ run: ['id'], sudo: true }, { lab: { ...lab, hosts: [{ ...host, user: 'ops' }] } as Lab });
  expect(sudo).toMatchObject({ ran: 'no', problem: { kind: 'refused', hint: expect.stringContaining('NOPASSWD') } });
});

test('secrets reach the command by environment and appear in no message', async () => {
  process.env['TOCSIN_TEST_TOKEN'] = 'hush-hush';
  const outcome = await run(
    { shell: 'exit ${#TOKEN}', env: { TOKEN: { $secret: 'token' } } },
    { secrets: { token: { from: 'env', key: 'TOCSIN_TEST_TOKEN' } } },
  );
  delete process.env['TOCSIN_TEST_TOKEN'];

  expect(outcome).toMatchObject({ result: { exit: 9 } });
  expect(JSON.stringify(outcome)).not.toContain('hush-hush');
});

test.each([
  [{}, 'run or shell'],
  [{ run: ['a'], shell: 'b' }, 'run or shell'],
  [{ run: [] }, ''],
  [{ run: ['a\0'] }, 'NUL'],
  [{ shell: 'x', cwd: 'relative' }, 'absolute'],
  [{ shell: 'x', as: 'a b' }, 'user name'],
  [{ shell: 'x', env: { 'A-B': '1' } }, ''],
  [{ shell: 'x', typo: 1 }, ''],
])('arguments %j are refused', (args, why) => {
  const checked = ssh.shape.safeParse(args);

  expect(checked.success).toBe(false);
  expect(JSON.stringify(checked.error?.issues)).toContain(why);
});

test('a cut in the middle of a character leaves no half of it', () => {
  expect(readable(Buffer.from('漢字').subarray(1), true)).toBe('字');
  expect(lastLine('one\n\u001b[1mtwo\u0007\u001b[0m\n\n')).toBe('two');
});
