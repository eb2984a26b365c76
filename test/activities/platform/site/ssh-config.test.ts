import { parseSshConfig } from '../../../../activities/platform/site/ssh-config.ts';

function parse(text: string) {
  const { hosts, problems } = parseSshConfig(text, '/c');
  return { hosts: Object.fromEntries(hosts.map((host) => [host.name, host])), problems };
}

test('hosts without wildcards, the first value wins over all blocks that match', () => {
  const { hosts, problems } = parse(`
User everybody
Host web1 web2
  HostName %h.example.com
  Port 2222
Host db1
  HostName=10.0.0.1
  IdentityFile "~/.ssh/id with space"
  ProxyJump bastion,inner
  UserKnownHostsFile /etc/known /etc/known2
Host !db1 *
  Port 22
  ProxyJump none
Host *.example.com db?
  User postgres
`);

  expect(problems).toEqual([]);
  expect(Object.keys(hosts)).toEqual(['web1', 'web2', 'db1']);
  expect(hosts['web1']).toEqual({ name: 'web1', address: 'web1.example.com', port: 2222, user: 'everybody' });
  expect(hosts['db1']).toEqual({
    name: 'db1',
    address: '10.0.0.1',
    user: 'everybody',
    key: '~/.ssh/id with space',
    known_hosts: '/etc/known',
    jump: ['bastion', 'inner'],
  });
});

test('Include, Match, ProxyCommand and a jump with user or port are refused with the line and what to do', () => {
  const { hosts, problems } = parse(
    'Include other\nHost a\n  ProxyCommand nc %h\n  ProxyJump me@b:22\nMatch user x\n  Port 1\nHost c\n  Port 70000\n',
  );

  expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '1 Include is not read',
    '3 ProxyCommand is not read',
    '5 Match is not read',
    '4 ProxyJump "me@b:22" names a user or port',
    '8 Port "70000" is not a port',
  ]);
  expect(hosts['a']).toMatchObject({ jump: ['b'] });
  expect(hosts['a']).not.toHaveProperty('port');
});

test('options that would weaken us are named and not followed', () => {
  const { problems } = parse('Host a\n  StrictHostKeyChecking no\n  ForwardAgent yes\n');

  expect(problems.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'warning StrictHostKeyChecking is not followed: host keys are always checked',
    'warning ForwardAgent is not followed: agents are never forwarded',
  ]);
});

test('a pattern of many stars costs nothing', () => {
  const begin = performance.now();
  parse(`Host ${'a'.repeat(200)}\n  Port 22\nHost ${'*a'.repeat(40)}b\n  Port 23\n`);

  expect(performance.now() - begin).toBeLessThan(1_000);
});
