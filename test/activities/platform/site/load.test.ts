import { mkdtemp, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initSite, loadSite, siteReader } from '../../../../activities/platform/site/index.ts';
import type { Finding } from '../../../../workflows/domain/finding.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'site-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

const minimal = { 'site.yaml': 'name: demo\n' };

function short(problems: readonly Finding[]): string[] {
  return problems.map(({ file, line, column, code, message }) => `${path.basename(file)}:${line}:${column} ${code} ${message}`);
}

test('one line makes a site; everything else has a default', async () => {
  await write(minimal);
  const { site, problems } = await loadSite(folder);

  expect(problems).toEqual([]);
  expect(site).toMatchObject({
    folder,
    name: 'demo',
    timezone: 'UTC',
    language: 'en',
    url: 'http://127.0.0.1:7780',
    data: path.join(folder, 'data'),
    listen: { host: '127.0.0.1', port: 7780 },
    engine: { port: 7781, http_port: 7782, metrics_port: 7783 },
    records: { port: 7784 },
    operator_token: { from: 'env', key: 'TOCSIN_TOKEN' },
    mail: null,
    sources: [],
    hosts: [],
    people: [],
    fallback: { fatal: null, severe: null, general: null },
  });
  expect(site?.escalation).toEqual({
    fatal: [{ after_ms: 600_000, to: ['level_1', 'all_hands'], then: null }],
    severe: [{ after_ms: 900_000, to: ['level_2'], then: null }],
    general: [{ after_ms: 1_800_000, to: ['on_duty'], then: 'report' }],
  });
  expect(site?.runbooks[0]).toBe(path.join(folder, 'runbooks'));
});

test('hosts: defaults in one place, hosts.yaml over Ansible over ssh_config, tags and variables add up', async () => {
  await write({
    ...minimal,
    'hosts.yaml': `defaults: { user: ops, key: keys/id, known_hosts: known_hosts, tags: [all], sql: { user: tocsin } }
import: { ansible: [inventory.ini], ssh_config: ssh_config }
hosts:
  db1: { address: 10.0.0.5, tags: [mine], vars: { b: 2 }, production: false, sql: { database: shop } }
  plain:
`,
    'inventory.ini': '[db]\ndb1 ansible_host=10.0.0.1 ansible_port=2022 a=1 b=1\nbastion ansible_host=10.0.0.9\n',
    ssh_config: 'Host db1\n  HostName 10.9.9.9\n  Port 9\n  User ssh\n  ProxyJump bastion\n',
  });
  const { site, problems, files } = await loadSite(folder);

  expect(problems).toEqual([]);
  const hosts = Object.fromEntries(site!.hosts.map((host) => [host.name, host]));
  expect(hosts['db1']).toEqual({
    name: 'db1',
    address: '10.0.0.5',
    port: 2022,
    user: 'ssh',
    key: path.join(folder, 'keys/id'),
    known_hosts: path.join(folder, 'known_hosts'),
    host_keys: [],
    tags: ['all', 'db', 'mine'],
    vars: { a: 1, b: 2 },
    jump: ['bastion'],
    production: false,
    sql: { port: 5432, user: 'tocsin', database: 'shop', password_env: null },
  });
  expect(hosts['plain']).toMatchObject({ address: 'plain', user: 'ops', production: true, port: 22, tags: ['all'] });
  expect(files.map((file) => path.basename(file)).toSorted()).toEqual([
    'hosts.yaml',
    'inventory.ini',
    'people.yaml',
    'policies.yaml',
    'services.yaml',
    'site.yaml',
    'ssh_config',
  ]);
});

test('every error of every file is said at once, with file, line and the nearest word', async () => {
  await write({
    'site.yaml':
      'nmae: demo\ntimezone: Asia/Shanghi\nlisten: { port: 99999 }\nsources:\n  - { name: a, format: zabbix, token: { from: vault, key: x } }\n',
    'hosts.yaml': 'hosts:\n  a: { adress: x, host_keys: [AAAA] }\n  b: { jump: aa }\n',
    'people.yaml': 'people:\n  ann: { mail: nobody, phone: abc, role: [dba] }\n',
    'policies.yaml': 'escalation:\n  fatl: []\n  severe: [{ after: 15, to: x }]\n',
  });
  const { site, problems } = await loadSite(folder);

  expect(site).toBeNull();
  expect(short(problems)).toEqual([
    'site.yaml:1:1 E-MISSING "name" is missing',
    'site.yaml:2:1 E-SHAPE "timezone" must be an IANA time zone such as Asia/Shanghai, not "Asia/Shanghi"',
    'site.yaml:3:11 E-SHAPE "listen.port" must be a port from 1 to 65535, not 99999',
    'site.yaml:5:16 E-SHAPE "sources[0].format" must be one of alertmanager, generic, not "zabbix"',
    'site.yaml:5:41 E-SHAPE "sources[0].token.from" must be one of env, file, not "vault"',
    'site.yaml:1:1 E-UNKNOWN-KEY "nmae" is not a key of the file',
    'people.yaml:2:10 E-SHAPE "people.ann.mail" is not valid: invalid email address, not "nobody"',
    'people.yaml:2:24 E-SHAPE "people.ann.phone" must be a phone number, not "abc"',
    'people.yaml:2:36 E-UNKNOWN-KEY "role" is not a key of "people.ann"',
    'policies.yaml:3:14 E-SHAPE "escalation.severe[0].after" must be a text, not 15',
    'policies.yaml:2:3 E-UNKNOWN-KEY "fatl" is not a key of "escalation"',
    'hosts.yaml:2:31 E-SHAPE "hosts.a.host_keys[0]" must be a public key: "ssh-ed25519 AAAA…", not "AAAA"',
    'hosts.yaml:2:8 E-UNKNOWN-KEY "adress" is not a key of "hosts.a"',
  ]);
  expect(problems.find(({ message }) => message.includes('nmae'))?.hint).toBe('did you mean "name"?');
});

test('a jump that is no host is an error, a host that cannot be verified a warning', async () => {
  await write({ ...minimal, 'hosts.yaml': 'hosts:\n  bastion: { known_hosts: /k }\n  a: { jump: bastoin }\n' });
  const { site, problems } = await loadSite(folder);

  expect(site).toBeNull();
  expect(problems).toMatchObject([
    { code: 'E-JUMP', line: 3, hint: 'did you mean "bastion"?' },
    { code: 'W-HOST-KEY', level: 'warning', line: 3 },
  ]);
});

test.each([
  ['nested "? "', `${'? '.repeat(800)}x`, 'E-YAML-DEPTH'],
  ['empty', '', 'E-MISSING'],
  ['a list', '- a\n', 'E-SHAPE'],
  ['not UTF-8', Buffer.from([0xff, 0xfe, 0x41]).toString('latin1'), 'E-MISSING'],
])('site.yaml that is %s', async (_name, text, code) => {
  await write({ 'site.yaml': text });

  expect((await loadSite(folder)).problems.map((problem) => problem.code)).toContain(
    code === 'E-MISSING' && text !== '' ? 'E-SHAPE' : code,
  );
});

test('a folder without site.yaml says so', async () => {
  expect((await loadSite(folder)).problems).toMatchObject([{ code: 'E-FILE', message: 'the file does not exist' }]);
});

test('a site of 1,000 hosts is read in well under a second', async () => {
  await write({
    ...minimal,
    'hosts.yaml': `defaults: { known_hosts: /k }\nimport: { ansible: inventory }\n`,
    inventory: '[all_of_them]\nh[0001:1000] a=1\n',
  });
  const begin = performance.now();
  const { site } = await loadSite(folder);

  expect(site?.hosts).toHaveLength(1_000);
  expect(performance.now() - begin).toBeLessThan(500);
});

test('initSite writes a site that loads, tokens readable by their owner only, and never into a folder in use', async () => {
  const fresh = path.join(folder, 'My site');
  const files = await initSite(fresh);

  expect(files).toContain('runbooks/hello.yaml');
  expect((await loadSite(fresh)).problems).toEqual([]);
  expect((await loadSite(fresh)).site?.name).toBe('My-site');
  expect((await stat(path.join(fresh, 'secrets/operator.token'))).mode & 0o777).toBe(0o600);
  expect((await stat(path.join(fresh, 'secrets'))).mode & 0o777).toBe(0o700);
  await expect(initSite(fresh)).rejects.toMatchObject({ code: 'E-INIT' });
});

test('siteReader follows the files, keeps the last good site, and tells a broken one once', async () => {
  await write(minimal);
  const told: (readonly Finding[])[] = [];
  const reader = await siteReader(folder, { onProblem: (problems) => told.push(problems), every_ms: 60_000 });
  try {
    await write({ 'site.yaml': 'name: other\nlanguage: zh\n' });
    await reader.refresh();
    expect(reader.site()).toMatchObject({ name: 'other', language: 'zh' });

    await write({ 'site.yaml': 'name: other\nlanguage: fr\n' });
    await reader.refresh();
    await reader.refresh();
    expect(reader.site().language).toBe('zh');
    expect(told).toHaveLength(1);
    expect(short(told[0]!)[0]).toContain('site.yaml:2:1 E-SHAPE');

    await write({ 'site.yaml': 'name: other\n', 'people.yaml': 'people: { ann: {} }\n' });
    await utimes(path.join(folder, 'site.yaml'), 1, 1);
    await reader.refresh();
    expect(reader.site().people.map(({ name }) => name)).toEqual(['ann']);
  } finally {
    reader.close();
  }
});

test('siteReader refuses to begin with a broken site and lists what is wrong', async () => {
  await write({ 'site.yaml': 'name: demo\nport: 1\n' });

  await expect(siteReader(folder)).rejects.toMatchObject({
    code: 'E-SITE',
    message: expect.stringContaining('site.yaml:2:1: "port" is not a key of the file') as string,
  });
});
