import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readAnsible } from '../../../../activities/platform/site/ansible.ts';
import { expandRange } from '../../../../activities/platform/site/ansible-range.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ansible-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function read(name: string, text: string) {
  const file = path.join(folder, name);
  await writeFile(file, text);
  const { hosts, problems } = await readAnsible(file);
  return { hosts: Object.fromEntries(hosts.map((host) => [host.name, host])), problems };
}

const ini = `# comment
mail.example.com
[web]
web[01:03] ansible_user=deploy   # rolling
web-x ansible_host=10.0.0.9 ansible_port=2222 weight=1.5 note="two words" live=true
[db]
db1:2022 role=primary ansible_ssh_private_key_file=/keys/db ansible_ssh_common_args='-o ProxyJump=bastion'
[db:vars]
cluster=shop
ansible_user=postgres
[prod:children]
web
db
[prod:vars]
env=prod
cluster=none
`;

test('an INI inventory: groups become tags, the nearer variable wins, ranges are spelt out', async () => {
  const { hosts, problems } = await read('inventory', ini);

  expect(problems).toEqual([]);
  expect(Object.keys(hosts).toSorted()).toEqual(['db1', 'mail.example.com', 'web-x', 'web01', 'web02', 'web03']);
  expect(hosts['web02']).toMatchObject({ user: 'deploy', vars: { env: 'prod', cluster: 'none' } });
  expect(hosts['web02']?.tags?.toSorted()).toEqual(['prod', 'web']);
  expect(hosts['web-x']).toMatchObject({ address: '10.0.0.9', port: 2222, vars: { weight: 1.5, note: 'two words', live: true } });
  expect(hosts['db1']).toMatchObject({
    port: 2022,
    user: 'postgres',
    key: '/keys/db',
    jump: ['bastion'],
    vars: { role: 'primary', cluster: 'shop', env: 'prod' },
  });
  expect(hosts['mail.example.com']?.tags).toEqual([]);
});

test('a YAML inventory says the same', async () => {
  const { hosts, problems } = await read(
    'hosts.yml',
    `all:
  vars: { env: prod }
  hosts:
    mail.example.com:
  children:
    prod:
      vars: { cluster: none }
      children:
        web:
          hosts:
            web[01:02]: { ansible_user: deploy }
        db:
          vars: { cluster: shop }
          hosts:
            db1: { ansible_host: 10.0.0.1, ansible_port: 2022, role: primary }
`,
  );

  expect(problems).toEqual([]);
  expect(hosts['web02']).toMatchObject({ user: 'deploy', vars: { env: 'prod', cluster: 'none' } });
  expect(hosts['db1']).toMatchObject({ address: '10.0.0.1', port: 2022, vars: { cluster: 'shop', role: 'primary' } });
  expect(hosts['db1']?.tags?.toSorted()).toEqual(['db', 'prod']);
  expect(hosts['mail.example.com']).toMatchObject({ tags: [], vars: { env: 'prod' } });
});

test('what is not read is said: group_vars, passwords, circles, broken ranges, strange sections', async () => {
  await mkdir(path.join(folder, 'group_vars'));
  const { hosts, problems } = await read(
    'inventory',
    'a ansible_password=x\n[g:children]\nh\n[h:children]\ng\n[weird:thing]\nb\n[w]\nweb[1:x]\n',
  );

  expect(hosts['a']).not.toHaveProperty('vars.ansible_password');
  expect(problems.map(({ code, level }) => `${level} ${code}`).toSorted()).toEqual([
    'error E-ANSIBLE',
    'error E-ANSIBLE',
    'error E-ANSIBLE',
    'warning W-ANSIBLE-PASSWORD',
    'warning W-ANSIBLE-VARS',
  ]);
  expect(problems.find(({ message }) => message.includes('[weird:thing]'))?.line).toBe(6);
});

test('an absent inventory is an error with the place to mend', async () => {
  expect((await readAnsible(path.join(folder, 'nowhere'))).problems).toMatchObject([{ code: 'E-FILE', level: 'error' }]);
});

test('ranges', () => {
  expect(expandRange('web[01:10:4].x')).toEqual(['web01.x', 'web05.x', 'web09.x']);
  expect(expandRange('n[a:c]')).toEqual(['na', 'nb', 'nc']);
  expect(expandRange('r[1:2]h[1:2]')).toEqual(['r1h1', 'r1h2', 'r2h1', 'r2h2']);
  expect(expandRange('x[1:999999]')).toEqual([]);
  expect(expandRange('x[1')).toBeNull();
});
