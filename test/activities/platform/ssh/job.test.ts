import { randomUUID } from 'node:crypto';
import type { SshPool } from '../../../../activities/platform/ssh/pool.ts';
import { cancelJob } from '../../../../activities/platform/ssh/job/job.ts';
import { jobFolder } from '../../../../activities/platform/ssh/job/request.ts';
import type { Host } from '../../../../workflows/domain/site.ts';
import { createLab } from '../../../lab/lab.ts';
import type { Lab } from '../../../lab/spec.ts';
import { hostile, job, poolFor } from './support.ts';

let lab: Lab;
let pool: SshPool;
const shells = ['sh', 'bash', 'dash', 'fish', 'tcsh'] as const;

beforeAll(async () => {
  lab = await createLab({
    hosts: [{ name: 'one' }, { name: 'two' }],
    users: shells.map((shell) => ({
      name: `u${shell}`,
      shell: shell === 'fish' || shell === 'tcsh' ? `/usr/bin/${shell}` : `/bin/${shell}`,
      sudo: shell === 'bash',
    })),
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

/** The job's folder as the host sees it. */
function folder(host: Host, key: string): string {
  return `${String(host.vars['job_dir'] ?? '/var/lib/tocsin/jobs')}/${jobFolder(key)}`;
}

async function wait(until: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await until()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited five seconds in vain');
}

async function has(name: string, path: string): Promise<boolean> {
  return (await lab.exec(name, ['test', '-s', path])).code === 0;
}

test('a job gives both streams byte for byte and its exit status', async () => {
  const bytes = 'head -c 300000 /dev/urandom | tee /tmp/same; printf "\\377\\000bad" >&2; exit 5';
  const seen = await job(pool, one(), ['sh', '-c', bytes]);

  expect(seen).toMatchObject({ state: 'done', exit: 5, truncated: false });
  expect(seen.err).toEqual(Buffer.from([255, 0, 98, 97, 100]));
  expect(seen.out.length).toBe(300_000);
});

test('asked again with the same key it gives the same answer and does not run again', async () => {
  const key = randomUUID();
  const first = await job(pool, one(), ['sh', '-c', `echo run >>/tmp/${key}; echo $$`], { key });
  const second = await job(pool, one(), ['sh', '-c', `echo run >>/tmp/${key}; echo $$`], { key });

  expect(second.out.equals(first.out)).toBe(true);
  expect((await lab.exec('one', ['cat', `/tmp/${key}`])).stdout).toBe('run\n');
});

test('the same key for another command is a conflict and shows nothing of the first', async () => {
  const key = randomUUID();
  await job(pool, one(), ['echo', 'first'], { key });
  const other = await job(pool, one(), ['echo', 'second'], { key });

  expect(other).toMatchObject({ state: 'conflict' });
  expect(other.out.toString()).toBe('');
});

test('forty keys, eight starters each, forty runs', async () => {
  const pools = Array.from({ length: 4 }, () => poolFor(lab));
  const stamp = randomUUID();
  const keys = Array.from({ length: 40 }, (_, at) => `${stamp}-${at}`);
  const all = await Promise.all(
    keys.flatMap((key) =>
      Array.from({ length: 8 }, (_, at) => job(pools[at % 4]!, one(), ['sh', '-c', `echo x >>/tmp/${key}; echo done`], { key })),
    ),
  );
  for (const each of pools) each.close();

  expect(all.every((seen) => seen.state === 'done' && seen.out.toString() === 'done\n')).toBe(true);
  expect((await lab.exec('one', ['sh', '-c', `cat /tmp/${stamp}-* | wc -l`])).stdout.trim()).toBe('40');
}, 60_000);

test.each(shells)('hostile arguments, environment and input reach a job unchanged under login shell %s', async (shell) => {
  if (lab.kind === 'loopback') return;
  const env = Object.fromEntries(hostile.map((text, at) => [`V${at}`, text]));
  const read = hostile.map((_, at) => `printf "%s\\0" "$V${at}"`).join('; ');
  const seen = await job(
    pool,
    one({ user: `u${shell}` }),
    ['sh', '-c', `for a do printf "%s\\0" "$a"; done; ${read}; cat`, 'sh', ...hostile],
    { env, stdin: hostile.join('\0') },
  );

  expect(seen.err.toString()).toBe('');
  expect(seen.out.toString('utf8').split('\0')).toEqual([...hostile, ...hostile, ...hostile]);
  expect((await lab.exec('one', ['find', '/home', '/root', '/tmp', '/var/lib/tocsin', '-name', 'PWNED'])).stdout).toBe('');
});

test('secrets of environment and input are in no process list and on no disk afterwards', async () => {
  const key = randomUUID();
  const secret = `s3cret-${randomUUID()}`;
  const running = job(pool, one(), ['sh', '-c', 'cat >/dev/null; sleep 1'], { key, env: { TOKEN: secret }, stdin: secret });
  await wait(() => has('one', `${folder(one(), key)}/begin`));
  const listed = await lab.exec('one', ['sh', '-c', 'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <$f; echo; done']);
  const found = await lab.exec('one', ['grep', '-rl', secret, folder(one(), key)]);
  await running;

  expect(listed.stdout).toContain('tocsin-job');
  expect(listed.stdout).not.toContain(secret);
  expect(found.stdout).toBe('');
});

test('a daemon that keeps stdout open does not hold up the end', async () => {
  const began = Date.now();
  const seen = await job(pool, one(), ['sh', '-c', 'echo up; setsid sleep 4 & exit 0']);

  expect(seen).toMatchObject({ state: 'done', exit: 0 });
  expect(Date.now() - began).toBeLessThan(2_000);
});

test('the time limit is kept by the host, to the last process of the group', async () => {
  const seen = await job(pool, one(), ['sh', '-c', 'trap "" TERM; sleep 81 & sleep 82 & wait'], { limit_ms: 300 });
  await wait(async () => (await lab.exec('one', ['pgrep', '-f', 'sleep 8[12]'])).code === 1);

  expect(seen).toMatchObject({ state: 'done', timed_out: true });
}, 15_000);

test('an abort ends the whole group and proves it', async () => {
  const abort = new AbortController();
  const key = randomUUID();
  const running = job(pool, one(), ['sh', '-c', 'echo begun; sleep 83 & sleep 84; echo not reached'], { key, signal: abort.signal });
  await wait(() => has('one', `${folder(one(), key)}/out`));
  abort.abort();

  expect(await running).toMatchObject({ state: 'cancelled', why: expect.stringContaining('nothing of it is left') });
  expect((await lab.exec('one', ['pgrep', '-f', 'sleep 8[34]'])).code).toBe(1);
});

test('an abort that cannot be proven says NOT confirmed', async () => {
  const abort = new AbortController();
  const key = randomUUID();
  const running = job(pool, one(), ['sh', '-c', 'setsid sleep 85 & echo begun; sleep 86'], { key, signal: abort.signal });
  await wait(() => has('one', `${folder(one(), key)}/out`));
  await new Promise((resolve) => setTimeout(resolve, 100));
  abort.abort();
  const seen = await running;
  await lab.exec('one', ['pkill', '-f', 'sleep 85']);

  expect(seen).toMatchObject({ state: 'unknown', why: expect.stringContaining('NOT confirmed') });
});

test('cancelled before it began, it never runs, even when the start arrives later', async () => {
  const key = randomUUID();
  const request = { key, argv: ['touch', `/tmp/${key}`], limit_ms: null };
  await cancelJob({ ...request, host: one(), pool }, { stdout: 0, stderr: 0 });

  expect(await job(pool, one(), request.argv, { key })).toMatchObject({ state: 'cancelled', exit: null });
  expect((await lab.exec('one', ['test', '-e', `/tmp/${key}`])).code).toBe(1);
});

test('endless output is cut at the cap, marked, and the job goes on', async () => {
  const seen = await job(pool, one(), ['sh', '-c', 'yes 0123456789 & y=$!; sleep 1; kill $y; exit 4'], { cap: 1024 * 1024 });

  expect(seen).toMatchObject({ state: 'done', exit: 4, truncated: true });
  expect(seen.out.length).toBe(1024 * 1024);
  expect(seen.out.subarray(-22).toString()).toContain('0123456789');
}, 20_000);

test("sudo: the ledger is root's; refused sudo and a missing folder start nothing", async () => {
  if (lab.kind === 'loopback') return;
  const seen = await job(pool, one({ user: 'ubash' }), ['id', '-un'], { sudo: true });
  const other = await job(pool, one({ user: 'ubash' }), ['sh', '-c', 'id -un; pwd; echo $HOME'], { as: 'udash' });

  expect(seen.out.toString()).toBe('root\n');
  expect(other.out.toString()).toContain('udash\n');
  expect(other.out.toString()).toContain('/home/udash');
  await expect(job(pool, one({ user: 'ush' }), ['id'], { sudo: true })).rejects.toMatchObject({ code: 'E-SSH-SUDO' });
  expect(await job(pool, one(), ['true'], { cwd: '/nonexistent' })).toMatchObject({
    state: 'nostart',
    why: expect.stringContaining('working folder'),
  });
});

test('a command that is not there is 127 with a word about it', async () => {
  const seen = await job(pool, one(), ['no-such-program-here']);

  expect(seen).toMatchObject({ state: 'done', exit: 127 });
  expect(seen.err.toString()).toContain('no-such-program-here');
});

test('the command gets the umask and the folder of a plain login, and no variable of ours', async () => {
  const seen = await job(pool, one(), ['sh', '-c', 'umask; pwd; env | grep -E "^(TJ|spec|limit|cap|base|nonce)=" ; true']);

  expect(seen.out.toString()).toBe(
    '0022\n/root\n'.replace('/root', (await pool.exec(one(), { argv: ['pwd'], timeout_ms: 5_000 })).stdout.toString().trim()),
  );
});
