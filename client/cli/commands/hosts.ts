import type { Host } from '../../../workflows/domain/site.ts';
import { agree } from '../ask.ts';
import type { Cli } from '../cli.ts';
import { span } from '../duration.ts';
import { notFound } from '../errors.ts';
import { exit } from '../exit.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import { safe } from '../safe.ts';
import type { Given, GroupSpec } from '../spec.ts';
import { table } from '../table.ts';

export const hosts: GroupSpec = {
  name: 'hosts',
  words: { en: 'the inventory: what is known, pinned, reachable', zh: '主机清单：已知、已固定密钥、可达' },
  otherwise: 'list',
  commands: [
    { name: 'list', words: { en: 'hosts of the site', zh: '站点主机' }, examples: ['tocsin hosts list --json'], act: list },
    {
      name: 'pin',
      words: { en: 'fetch the host key, show its fingerprint, and trust it from now on', zh: '获取主机密钥、显示指纹，并从此信任' },
      args: [{ name: '<host...>', words: { en: 'names in hosts.yaml', zh: 'hosts.yaml 中的主机名' } }],
      options: [
        {
          flags: '--replace',
          words: {
            en: 'put it in place of another key: only if the machine was rebuilt on purpose',
            zh: '替换原密钥：仅当机器是有意重装的',
          },
        },
      ],
      examples: ['tocsin hosts pin web-1', 'tocsin hosts pin web-1 --replace --yes'],
      act: pinHosts,
    },
    {
      name: 'check',
      words: { en: 'connect to each and log in', zh: '逐台连接并登录' },
      args: [{ name: '[host...]', words: { en: 'only these', zh: '仅这些' } }],
      examples: ['tocsin hosts check', 'tocsin hosts check web-1 web-2 --timeout 5s'],
      act: check,
    },
  ],
};

async function list(cli: Cli): Promise<void> {
  const site = await cli.site();
  if (cli.json) return cli.document({ hosts: site.hosts.map(({ key: _key, ...host }) => host) });
  if (cli.quiet) return site.hosts.forEach((host) => cli.say(safe(host.name)));
  if (site.hosts.length === 0) return cli.hint(cli.word('no_hosts'));
  const { knownHostsFile, pinnedIn } = await import('../host-keys.ts');
  const rows = site.hosts.map((host) => {
    const pinned = host.host_keys.length + pinnedIn(knownHostsFile(site, host), host).length;
    return [
      host.name,
      `${host.address}:${host.port}`,
      host.user,
      pinned > 0 ? 'yes' : 'NO',
      host.production ? 'production' : '-',
      host.jump.join(' > ') || '-',
      host.tags.join(', '),
    ];
  });
  for (const line of table(['HOST', 'ADDRESS', 'USER', 'PINNED', 'ENV', 'THROUGH', 'TAGS'], rows, cli.terminal.columns)) cli.say(line);
}

async function pinHosts(cli: Cli, given: Given): Promise<number> {
  const { fetchHostKeys, knownHostsFile, pin, pinnedIn } = await import('../host-keys.ts');
  const { TocsinError } = await import('../../../activities/platform/errors.ts');
  const site = await cli.site();
  const done: unknown[] = [];
  for (const host of chosen(site.hosts, given.args)) {
    const keys = await fetchHostKeys(host, cli.timeout_ms ?? 10_000);
    const file = knownHostsFile(site, host);
    const before = pinnedIn(file, host);
    const differs = before.some((old) => keys.some((key) => key.type === old.type && !key.key.equals(old.key)));
    const fresh = keys.filter((key) => !before.some((old) => old.key.equals(key.key)));
    for (const key of keys) cli.hint(`${safe(host.name)}  ${key.type}  ${key.fingerprint}`);
    if (differs && !given.flag('replace')) {
      throw new TocsinError(
        `not pinned, "${host.name}" is pinned with another key: ${before.map((old) => `${old.type} ${old.fingerprint}`).join(', ')}`,
        { code: 'E-REFUSED-HOSTKEY', hint: `only if the machine was rebuilt on purpose: tocsin hosts pin ${host.name} --replace` },
      );
    }
    if (fresh.length > 0) {
      cli.hint(cli.word('pin_hint'));
      await agree(cli, { risk: 'change', what: cli.word('pin_ask', { host: host.name }), target: host.name });
      pin(file, host, given.flag('replace') ? keys : fresh, given.flag('replace'));
    }
    done.push({ host: host.name, file, pinned: fresh.length, keys: keys.map((key) => ({ type: key.type, fingerprint: key.fingerprint })) });
    if (cli.quiet) cli.say(host.name);
    else if (!cli.json)
      cli.say(
        fresh.length > 0
          ? cli.word('pinned', { count: fresh.length, host: host.name, file })
          : cli.word('already_pinned', { host: host.name }),
      );
  }
  if (cli.json) cli.document({ hosts: done });
  return exit.done;
}

interface Checked {
  readonly host: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly problem: string | null;
  readonly next: string | null;
}

async function check(cli: Cli, given: Given): Promise<number> {
  const { tryHost } = await import('../try-host.ts');
  const site = await cli.site();
  const wanted = chosen(site.hosts, given.args.length > 0 ? given.args : site.hosts.map((host) => host.name));
  const results: Checked[] = [];
  const queue = [...wanted];
  async function work(): Promise<void> {
    for (let host = queue.shift(); host !== undefined; host = queue.shift())
      results.push(tell(cli, await tryHost(site, host, { timeout_ms: cli.timeout_ms ?? 10_000, environment: cli.environment })));
  }
  await Promise.all(Array.from({ length: Math.min(16, wanted.length) }, work));
  if (cli.json) cli.document({ hosts: results.sort((a, b) => a.host.localeCompare(b.host)) });
  return results.every((result) => result.ok) ? exit.done : exit.unreachable;
}

function tell(cli: Cli, result: Checked): Checked {
  if (cli.json) return result;
  if (cli.quiet) {
    if (result.ok) cli.say(safe(result.host));
    return result;
  }
  cli.say(
    result.ok
      ? `ok    ${cli.word('host_ok', { host: result.host, span: span(result.ms) })}`
      : `FAIL  ${cli.word('host_bad', { host: result.host, problem: result.problem })}`,
  );
  if (result.next) cli.hint(`      next  ${safe(result.next)}`);
  return result;
}

function chosen(all: readonly Host[], names: readonly string[]): readonly Host[] {
  return names.map((name) => {
    const host = all.find((one) => one.name === name);
    if (host) return host;
    const near = nearest(
      name,
      all.map((one) => one.name),
    );
    throw notFound(
      `there is no host "${name}" in the inventory: ${all.length} hosts are known`,
      near ? `did you mean: ${near}` : 'tocsin hosts list',
    );
  });
}
