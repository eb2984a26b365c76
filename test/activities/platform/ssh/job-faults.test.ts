import { randomUUID } from 'node:crypto';
import type { SshPool } from '../../../../activities/platform/ssh/pool.ts';
import { sweepNow } from '../../../../activities/platform/ssh/job/sweep.ts';
import { jobFolder } from '../../../../activities/platform/ssh/job/request.ts';
import type { Host } from '../../../../workflows/domain/site.ts';
import { createLab } from '../../../lab/lab.ts';
import type { Lab } from '../../../lab/spec.ts';
import { job, poolFor } from './support.ts';

let lab: Lab;
let pool: SshPool;

beforeAll(async () => {
  lab = await createLab({ hosts: [{ name: 'one' }, { name: 'two' }] });
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

test('a lost session does not touch the job: it is followed on a new connection', async () => {
  const key = randomUUID();
  const running = job(pool, lab.host('two'), ['sh', '-c', `echo x >>/tmp/${key}; for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done`], {
    key,
  });
  await wait(() => has('two', `${folder(lab.host('two'), key)}/out`));
  await lab.killSessions('two');
  await new Promise((resolve) => setTimeout(resolve, 200));
  await lab.killSessions('two');

  expect((await running).out.toString()).toBe('1\n2\n3\n4\n5\n6\n7\n8\n');
  expect((await lab.exec('two', ['cat', `/tmp/${key}`])).stdout).toBe('x\n');
});

test('a killed runner is orphan while the command lives, then lost: never done, never run again', async () => {
  const key = randomUUID();
  const argv = ['sh', '-c', `echo x >>/tmp/${key}; sleep 1; echo late`];
  const running = job(pool, one(), argv, { key });
  await wait(() => has('one', `/tmp/${key}`));
  await lab.exec('one', ['sh', '-c', `read -r b p t <${folder(one(), key)}/begin; kill -9 $p`]);

  expect(await running).toMatchObject({ state: 'unknown', why: expect.stringContaining('not recorded') });
  expect(await job(pool, one(), argv, { key })).toMatchObject({ state: 'unknown' });
  expect((await lab.exec('one', ['cat', `/tmp/${key}`])).stdout).toBe('x\n');
});

test('a host restarted in mid-job is unknown, and the job is not started again', async () => {
  if (lab.kind === 'loopback') return;
  const key = randomUUID();
  const argv = ['sh', '-c', `echo x >>/var/lib/tocsin/${key}; sleep 60`];
  const running = job(pool, lab.host('two'), argv, { key });
  await wait(() => has('two', `/var/lib/tocsin/${key}`));
  await lab.powerOff('two');
  await lab.powerOn('two');

  expect(await running).toMatchObject({ state: 'unknown', why: expect.stringContaining('restarted') });
  expect(await job(pool, lab.host('two'), argv, { key })).toMatchObject({ state: 'unknown' });
  expect((await lab.exec('two', ['cat', `/var/lib/tocsin/${key}`])).stdout).toBe('x\n');
}, 30_000);

test('a claim of an earlier boot that never began may be taken over', async () => {
  const key = randomUUID();
  const first = await job(pool, one(), ['echo', 'again'], { key: `${key}-spec` });
  const spec = (await lab.exec('one', ['sh', '-c', `read -r b p t s <${folder(one(), `${key}-spec`)}/begin; echo $s`])).stdout.trim();
  await lab.exec('one', ['sh', '-c', `mkdir -m 700 ${folder(one(), key)}; echo "another-boot 1 1 ${spec}" >${folder(one(), key)}/claim.1`]);

  expect(first.state).toBe('done');
  expect(await job(pool, one(), ['echo', 'again'], { key })).toMatchObject({ state: 'done', exit: 0 });
});

test('a host that has forgotten a job known to be started is unknown, and nothing starts', async () => {
  const key = randomUUID();
  const seen = await job(pool, one(), ['touch', `/tmp/${key}`], { key, resumed: { started: true, offsets: { stdout: 0, stderr: 0 } } });

  expect(seen).toMatchObject({ state: 'unknown', why: expect.stringContaining('forgotten') });
  expect((await lab.exec('one', ['test', '-e', `/tmp/${key}`])).code).toBe(1);
});

test('a full disk starts nothing; a command that fills it still has its status recorded', async () => {
  if (lab.kind === 'loopback') return;
  const host = one({ vars: { ...one().vars, job_dir: '/tmp/small/jobs' } });
  await lab.exec('one', [
    'sh',
    '-c',
    'mkdir -p /tmp/small && mount -t tmpfs -o size=256k,nr_inodes=200 none /tmp/small && mkdir -m 700 /tmp/small/jobs && head -c 300k /dev/zero >/tmp/small/fill',
  ]);
  const key = randomUUID();
  const full = await job(pool, host, ['touch', `/tmp/${key}`], { key });
  const ran = (await lab.exec('one', ['test', '-e', `/tmp/${key}`])).code;
  await lab.exec('one', ['rm', '/tmp/small/fill']);
  const after = await job(pool, host, ['touch', `/tmp/${key}`], { key });
  const filling = await job(pool, host, ['sh', '-c', 'head -c 500k /dev/zero; exit 9']);

  expect(full).toMatchObject({ state: 'nostart' });
  expect(full.why).toMatch(/No space left|space/i);
  expect(ran).toBe(1);
  expect(after).toMatchObject({ state: 'done', exit: 0 });
  expect(filling).toMatchObject({ state: 'done', exit: 9 });
});

test('a read-only or foreign job folder starts nothing', async () => {
  if (lab.kind === 'loopback') return;
  await lab.exec('one', ['sh', '-c', 'mkdir -p /tmp/ro /tmp/foreign && mount -t tmpfs -o ro none /tmp/ro && chown 5000 /tmp/foreign']);

  expect(await job(pool, one({ vars: { job_dir: '/tmp/ro/jobs' } }), ['true'])).toMatchObject({
    state: 'nostart',
    why: expect.stringContaining('cannot be made'),
  });
  expect(await job(pool, one({ vars: { job_dir: '/tmp/foreign' } }), ['true'])).toMatchObject({
    state: 'nostart',
    why: expect.stringContaining('somebody else'),
  });
  await expect(job(pool, one({ vars: { job_dir: 'relative' } }), ['true'])).rejects.toMatchObject({ code: 'E-JOB-DIR' });
});

test('sweeping takes output after days and folders after weeks, never what runs', async () => {
  const old = await job(pool, one(), ['echo', 'old'], { key: 'sweep-old' });
  await job(pool, one(), ['echo', 'older'], { key: 'sweep-older' });
  const running = job(pool, one(), ['sleep', '2'], { key: 'sweep-running' });
  await wait(() => has('one', `${folder(one(), 'sweep-running')}/begin`));
  await lab.exec('one', [
    'sh',
    '-c',
    `touch -d '5 days ago' ${folder(one(), 'sweep-old')}; touch -d '40 days ago' ${folder(one(), 'sweep-older')} ${folder(one(), 'sweep-running')}`,
  ]);
  const swept = await sweepNow(pool, one(), {});
  const again = await job(pool, one(), ['echo', 'old'], { key: 'sweep-old' });

  expect(old.out.toString()).toBe('old\n');
  expect(swept).toBe(true);
  expect(again).toMatchObject({ state: 'done', exit: 0, truncated: true });
  expect((await lab.exec('one', ['test', '-d', folder(one(), 'sweep-older')])).code).toBe(1);
  expect(await running).toMatchObject({ state: 'done', exit: 0 });
});
