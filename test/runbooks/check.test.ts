import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initSite } from '../../activities/platform/site/index.ts';
import { checkSite } from '../../runbooks/check.ts';
import { testRunbooks } from '../../runbooks/test/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'check-'));
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

test('a fresh site passes at once, and its runbook can be used', async () => {
  await initSite(path.join(folder, 'fresh'));
  const { site, library, problems } = await checkSite(path.join(folder, 'fresh'));

  expect(problems).toEqual([]);
  expect(site).not.toBeNull();
  expect(library.runbooks.map(({ name }) => name)).toContain('hello');
  expect(await testRunbooks([path.join(folder, 'fresh/runbooks/hello.test.yaml')])).toMatchObject({ passed: 2, failed: 0 });
});

test('what one file says about another is checked: people, runbooks, services, secrets', async () => {
  await write({
    'site.yaml': `name: demo
operator_token: { from: file, key: nowhere.token }
mail: { host: localhost, from: a@example.com }
sources: [{ name: am, format: alertmanager, token: { from: env, key: T }, runbooks: [restrat] }]
`,
    'people.yaml': 'people:\n  ann: { roles: [level_1, on_duty, dba] }\n  bob: { roles: [level_2], mail: bob@example.com }\n',
    'policies.yaml': 'escalation:\n  severe: [{ after: 15m, to: [level_2, level_3] }]\nfallback: { fatal: nothing }\n',
    'hosts.yaml': 'hosts: { web1: { known_hosts: /k } }\n',
    'services.yaml': 'services:\n  shop: { depends: [stock], hosts: [web2] }\n',
    'runbooks/restart.yaml': `runbook: restart
version: 1
title: Restart
owner: dab
triggers: [{ manual: { roles: [incident_commander] } }]
steps:
  - { id: a, approve: { ask: "ok?", by: { role: dba } } }
  - { id: b, runbook: { name: other }, undo: none }
  - { id: c, notify: { to: [ann, carl] } }
on_failure: [{ escalate: { to: level_1 } }]
`,
  });
  const { problems } = await checkSite(folder);
  const own = problems
    .filter(({ file, level }) => file.startsWith(folder) && level === 'error')
    .map(({ file, code, message, hint }) => `${path.relative(folder, file)} ${code} ${message} | ${hint}`);

  expect(own).toEqual([
    expect.stringContaining('people.yaml E-NO-CONTACT escalation.fatal pages "level_1"'),
    expect.stringContaining('people.yaml E-NO-CONTACT escalation.general pages "on_duty"'),
    expect.stringContaining('policies.yaml E-NOBODY escalation.severe pages "level_3"'),
    expect.stringContaining('policies.yaml E-RUNBOOK-UNKNOWN fallback.fatal names "nothing"'),
    'runbooks/restart.yaml E-NOBODY "owner" calls "dab", which is no person and no role | did you mean "dba"?',
    expect.stringContaining('"triggers.manual.roles" calls "incident_commander"'),
    expect.stringContaining('"steps.c.notify.to" calls "carl"'),
    expect.stringContaining('E-RUNBOOK-UNKNOWN it runs "other"'),
    expect.stringContaining('services.yaml E-SERVICE service "shop" depends on "stock"'),
    'services.yaml E-SERVICE service "shop" runs on "web2", which is no host | did you mean "web1"?',
    'site.yaml E-RUNBOOK-UNKNOWN source "am" names "restrat", which is no runbook | did you mean "restart"?',
    expect.stringContaining('site.yaml E-SECRET operator_token is kept in'),
  ]);
});

test('every runbook of the library that comes with the product is without an error', async () => {
  await write({ 'site.yaml': 'name: demo\nrunbooks: []\n' });
  const { library } = await checkSite(folder);

  expect(library.problems.filter(({ level }) => level === 'error')).toEqual([]);
  expect(library.runbooks.length).toBeGreaterThan(0);
});
