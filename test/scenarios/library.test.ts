import type { Host } from '../../workflows/domain/site.ts';
import { canIsolate } from '../lab/lab.ts';
import { openStage, type Stage } from '../support/stage.ts';
import type { Ran } from '../support/tocsin.ts';

// The library's isolation and restart runbooks, each run for real: by the command line, through the platform, on hosts with
// their own network, seen from other hosts.

const webs = ['web-1', 'web-2', 'web-3', 'web-4'];
const port = 8080;
const manager = '/etc/tocsin-lab/svc';
let stage: Stage;

const sites = process.getuid?.() === 0 ? describe : describe.skip;

beforeAll(async () => {
  if (!(await canIsolate())) return;
  stage = await openStage({
    hosts: [...webs.map((name) => ({ name, tags: ['web'], services: { web: port } })), { name: 'watch-1', tags: ['witness', 'balancer'] }],
    vars: (host) => ({ management: host.address.replace(/\.\d+$/, '.0/24'), proof: `${service(host)}:${port}` }),
  });
  await Promise.all(webs.map((name) => stage.lab.exec(name, [manager, 'start', 'web'])));
  for (const name of webs) while ((await seenFromWatch(at(name))) !== '200') await new Promise((done) => setTimeout(done, 200));
}, 120_000);

afterAll(() => stage?.close(), 120_000);

function service(host: Host): string {
  return String(host.vars['service_address']);
}

function at(name: string): string {
  return `${service(stage.lab.host(name))}:${port}`;
}

/** What a host in the service network gets from an address: `200`, or `''` when nothing answers. */
async function seenFromWatch(address: string, path = '/'): Promise<string> {
  const [host, number] = address.split(':') as [string, string];
  const script = 'exec 3<>"/dev/tcp/$0/$1" && printf "GET %s HTTP/1.0\\r\\n\\r\\n" "$2" >&3 && read -r _ code _ <&3 && echo "$code"';
  return (await stage.lab.exec('watch-1', ['timeout', '2', 'bash', '-c', script, host, number, path])).stdout.trim();
}

/** The end of a run, and its last lines when it is not the one wanted. */
function ending(ran: Ran): string {
  const last = ran.out
    .trim()
    .split('\n')
    .filter((line) => /failed|continued|asking|failing|check\.|end"/.test(line))
    .slice(-6)
    .join('\n');
  return `${ran.code}${ran.code === 0 ? '' : `\n${last}\n${ran.err}`}`;
}

/** Runs a runbook as chen; li agrees to whatever asks. */
async function run(runbook: string, inputs: Record<string, string>, more: readonly string[] = []): Promise<Ran & { readonly id: string }> {
  const given = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`]);
  const started = await stage.tocsin(['run', runbook, ...given, '--reason', 'test', '-q', ...more]);
  if (started.code !== 0) return { ...started, id: '' };
  const id = started.out.trim();
  for (let tries = 0; ; tries++) {
    const waited = await stage.tocsin(['watch', id, '--json', '--timeout', tries === 0 ? '3s' : '30s']);
    if ((waited.code !== 7 && waited.code !== 6) || tries > 3) return { ...waited, id };
    if (waited.code === 7) await stage.tocsin(['approve', id, 'agree', '--as', 'li', '--reason', 'looked at it']);
  }
}

sites('isolate_host', () => {
  test('keeps the evidence, cuts the host off from its users and not from us, and lets it back in', async () => {
    expect(await seenFromWatch(at('web-1'))).toBe('200');

    const cut = await run('isolate_host', { host: 'web-1' }, ['--confirm=web-1']);

    expect(ending(cut)).toBe('0');
    expect(await seenFromWatch(at('web-1'))).toBe('');
    expect((await stage.tocsin(['hosts', 'check', 'web-1'])).code).toBe(0);
    const kept = await stage.tocsin(['runs', 'log', cut.id, 'state']);
    expect(kept.out).toContain('== ps -eo');
    const order = (await stage.tocsin(['runs', 'log', cut.id, '--json'])).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { code: string; step: string | null });
    const steps = order.filter((one) => one.code === 'step.ok').map((one) => one.step);
    expect(steps.indexOf('evidence')).toBeLessThan(steps.indexOf('cut'));

    const back = await run('isolate_host_release', { host: 'web-1' }, ['--yes']);

    expect(ending(back)).toBe('0');
    expect(await seenFromWatch(at('web-1'))).toBe('200');
    expect((await stage.lab.exec('web-1', ['nft', 'list', 'ruleset'])).stdout).toBe('');
  }, 60_000);

  test('a cut that would lock us out is taken back by itself', async () => {
    const cut = await run('isolate_host', { host: 'web-2', management: '192.0.2.0/24' }, ['--confirm=web-2']);

    expect(ending(cut)).toMatch(/^1\n/);
    expect(cut.out).toContain('"undo.ok"');
    expect((await stage.lab.exec('web-2', ['nft', 'list', 'ruleset'])).stdout).toBe('');
    expect(await seenFromWatch(at('web-2'))).toBe('200');
  }, 90_000);

  test('a host we lost frees itself by the rope, and the undo then finds it free', async () => {
    const cutting = run('isolate_host', { host: 'web-3', management: '192.0.2.0/24', rope: '8' }, ['--confirm=web-3']);
    await tableOn('web-3');
    // Nothing of ours is established any more: only the host itself can open the door now.
    await stage.lab.killSessions('web-3');

    const cut = await cutting;

    expect(ending(cut)).toMatch(/^1\n/);
    expect((await stage.lab.exec('web-3', ['nft', 'list', 'ruleset'])).stdout).toBe('');
    expect(await seenFromWatch(at('web-3'))).toBe('200');
  }, 120_000);
});

async function tableOn(name: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await stage.lab.exec(name, ['nft', 'list', 'ruleset'])).stdout.includes('tocsin_isolation')) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`no table of ours on ${name}`);
}

sites('restart_service', () => {
  const inputs = { group: 'web', unit: 'web', manager, port: String(port), patience: '2' };

  test('restarts host by host, the next only once the one before is healthy', async () => {
    const before = await pids();

    const restarted = await run('restart_service', inputs, ['--yes']);

    expect(ending(restarted)).toBe('0');
    const after = await pids();
    for (const name of webs) expect(after[name]).not.toBe(before[name]);
    expect(restarted.out.match(/"wave.started"/g)).toHaveLength(4);
  }, 60_000);

  test('touches nothing further once a host stays ill', async () => {
    await stage.lab.exec('web-2', ['touch', '/etc/tocsin-lab/services/web.sick']);
    const before = await pids();

    const restarted = await run('restart_service', inputs, ['--yes']);

    const after = await pids();
    await stage.lab.exec('web-2', ['rm', '/etc/tocsin-lab/services/web.sick']);
    expect(ending(restarted)).toMatch(/^1\n/);
    expect(restarted.out).toContain('is not healthy 2 s after the restart');
    expect(after['web-1']).not.toBe(before['web-1']);
    expect({ 'web-3': after['web-3'], 'web-4': after['web-4'] }).toEqual({ 'web-3': before['web-3'], 'web-4': before['web-4'] });
  }, 60_000);
});

async function pids(): Promise<Record<string, string>> {
  return Object.fromEntries(
    await Promise.all(
      webs.map(async (name) => [name, (await stage.lab.exec(name, ['cat', '/etc/tocsin-lab/run/web.pid'])).stdout.trim()] as const),
    ),
  );
}

sites('isolate_service', () => {
  const inputs = { host: 'web-1', backend: 'web', unit: 'web', manager };

  beforeAll(async () => {
    const servers = webs.map((name) => `  server ${name} ${at(name)} check inter 200`).join('\n');
    const config = `global\n  stats socket ipv4@127.0.0.1:9999 level admin\ndefaults\n  mode http\n  timeout connect 2s\n  timeout client 10s\n  timeout server 10s\nfrontend users\n  bind ${service(stage.lab.host('watch-1'))}:80\n  default_backend web\nbackend web\n  balance roundrobin\n${servers}\n`;
    await stage.lab.exec('watch-1', ['sh', '-c', 'cat > /etc/tocsin-lab/haproxy.cfg'], config);
    const started = await stage.lab.exec('watch-1', ['haproxy', '-D', '-f', '/etc/tocsin-lab/haproxy.cfg']);
    if (started.code !== 0) throw new Error(started.stderr);
  });

  const front = () => `${service(stage.lab.host('watch-1'))}:80`;

  test('drains the server, stops the service while users are served, and the way back restores both', async () => {
    const taken = await run('isolate_service', { ...inputs, front: `http://${front()}/` }, ['--confirm=web-1']);

    expect(ending(taken)).toBe('0');
    expect((await stage.lab.exec('web-1', [manager, 'status', 'web'])).code).toBe(3);
    expect(await Promise.all(webs.map(() => seenFromWatch(front())))).toEqual(webs.map(() => '200'));

    const back = await run('isolate_service_return', inputs, ['--yes']);

    expect(ending(back)).toBe('0');
    expect(await seenFromWatch(at('web-1'))).toBe('200');
  }, 60_000);

  test('a server that HAProxy does not know is refused before anything is touched', async () => {
    const taken = await run('isolate_service', { ...inputs, server: 'web-9' }, ['--confirm=web-1']);

    expect(ending(taken)).toMatch(/^1\n/);
    expect(taken.out).toContain('no server web-9 in backend web');
    expect((await stage.lab.exec('web-1', [manager, 'status', 'web'])).code).toBe(0);
  }, 60_000);

  test('when the front no longer answers, the service comes back', async () => {
    const taken = await run('isolate_service', { ...inputs, front: `http://${service(stage.lab.host('watch-1'))}:81/` }, [
      '--confirm=web-1',
    ]);

    expect(ending(taken)).toMatch(/^1\n/);
    expect(taken.out.match(/"undo.ok"/g)).toHaveLength(2);
    expect(await seenFromWatch(at('web-1'))).toBe('200');
  }, 60_000);
});
