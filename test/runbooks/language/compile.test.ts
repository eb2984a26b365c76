import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compile, planHash } from '../../../runbooks/language/compile.ts';
import { rundeckToCel } from '../../../runbooks/language/where.ts';
import { inRange } from '../../../runbooks/language/version.ts';
import type { Plan } from '../../../workflows/core/plan.ts';

const head = 'runbook: case\nversion: 1\ntitle: Case\nowner: on_duty\n';

async function planOf(text: string): Promise<Plan> {
  const { plan, problems } = await compile(text, { file: 'case.yaml' });
  expect(problems.filter(({ level }) => level === 'error')).toEqual([]);
  return plan!;
}

test('defaults are spelt out', async () => {
  const { steps, triggers, severity, lock } = await planOf(
    `${head}steps:\n  - id: a\n    wait: { for: 1s }\n  - id: b\n    http: { url: "http://x/" }\n`,
  );

  expect({ triggers, severity, lock }).toEqual({ triggers: [{ on: 'manual', roles: [] }], severity: 'general', lock: [] });
  expect(steps[0]).toMatchObject({ title: 'a', needs: [], timeout_ms: null, risk: 'read', idempotent: true });
  expect(steps[1]).toMatchObject({
    needs: ['a'],
    timeout_ms: 60_000,
    heartbeat_ms: 30_000,
    max_failures: { count: 0 },
    batch: null,
    retry: { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null },
    pivot: false,
    undo: null,
  });
});

test('risk and idempotence follow the kind, the step, and done_when', async () => {
  const { steps } = await planOf(`${head}targets: { db: { where: "true", exactly: 1 } }
steps:
  - { id: change, undo: none, ssh: { on: db, run: [a] } }
  - { id: read, risk: read, ssh: { on: db, run: [a] } }
  - { id: proven, undo: none, ssh: { on: db, run: [a] }, done_when: { ssh: { on: db, run: [b] }, expect: result.exit == 0 } }
  - { id: query, sql: { on: db, query: select 1 } }
  - { id: post, undo: none, http: { url: "http://x/", method: POST } }
  - { id: forced, undo: none, idempotent: true, ssh: { on: db, run: [a] } }
`);

  expect(steps.map(({ id, risk, idempotent }) => [id, risk, idempotent])).toEqual([
    ['change', 'change', false],
    ['read', 'read', true],
    ['proven', 'change', true],
    ['query', 'read', true],
    ['post', 'change', false],
    ['forced', 'change', true],
  ]);
  expect(steps[2]!.done_when).toEqual({ call: { kind: 'ssh', args: { on: 'db', run: ['b'], sudo: false } }, expect: 'result.exit == 0' });
});

test('durations become milliseconds, shares counts or percents, each a target or a list', async () => {
  const { steps, objectives } = await planOf(
    `${head}objectives: { rto: 7d, rpo: PT1H30M }
targets: { web: { where: "true" } }
steps:
  - { id: a, each: web, batch: "25%", max_failures: 2, timeout: 1h30m, undo: none, ssh: { on: web, run: [a] } }
  - { id: b, each: [1, 2], batch: 1, retry: { max: 3, delay: 500ms, backoff: 2, for: 5m }, http: { url: "http://x/\${{ item }}" } }
  - { id: c, each: steps.b.status == "ok" ? [1] : [], http: { url: "http://x/" } }
`.replace('{ id: c, each: steps.b.status == "ok" ? [1] : [], http', '{ id: c, each: \'steps.b.status == "ok" ? [1] : []\', http'),
  );

  expect(objectives).toEqual({ rto_ms: 604_800_000, rpo_ms: 5_400_000 });
  expect(steps[0]).toMatchObject({ each: { target: 'web' }, batch: { percent: 25 }, max_failures: { count: 2 }, timeout_ms: 5_400_000 });
  expect(steps[1]).toMatchObject({
    each: { list: '[1,2]' },
    batch: { count: 1 },
    retry: { max: 3, delay_ms: 500, backoff: 2, for_ms: 300_000 },
  });
  expect(steps[2]!.each).toEqual({ list: 'steps.b.status == "ok" ? [1] : []' });
});

test('a step that acts carries how many units its kind takes in one activity; one the machine decides carries none', async () => {
  const { steps } = await planOf(`${head}targets: { web: { where: "true" } }
steps:
  - { id: a, each: web, undo: none, ssh: { on: web, run: [a] } }
  - { id: b, wait: { for: 1s } }
`);

  expect(steps.map(({ chunk }) => chunk)).toEqual([100, undefined]);
});

test('a check settles after the steps it reads', async () => {
  const { checks } = await planOf(readFileSync(path.join(__dirname, 'cases/switchover.yaml'), 'utf8'));

  expect(checks.before[0]).toMatchObject({ after: ['lag'], then: 'note', call: null });
  expect(checks.after[1]).toMatchObject({ after: [], then: 'stop', expect: 'row.writable' });
});

test('the hash follows the meaning: not order, comments or defaults written out, but any value', async () => {
  const plain = await planOf(`${head}steps:\n  - id: a\n    wait: { for: 1s }\n`);
  const other = await planOf(
    `# why\nowner: on_duty\ntitle: "Case"\nversion: 1\nseverity: general\nrunbook: case\nsteps:\n- wait: {for: 1s}\n  title: a\n  id: a\n`,
  );
  const longer = await planOf(`${head}steps:\n  - id: a\n    wait: { for: 2s }\n`);

  expect(planHash(other)).toBe(planHash(plain));
  expect(planHash(longer)).not.toBe(planHash(plain));
  expect(planHash(plain)).toMatch(/^[0-9a-f]{64}$/);
});

test('a probe that names a target gets a host of it', async () => {
  const { steps } = await planOf(`${head}targets: { one: { where: "true", exactly: 1 }, many: { where: "true" } }
steps:
  - { id: a, probe: { tcp: "x:1", from: one } }
  - { id: b, probe: { postgres: many } }
  - { id: c, each: many, probe: { tcp: "x:1", from: node } }
`);

  expect(steps.map(({ call }) => call.args)).toEqual([
    { tcp: 'x:1', from: '${{ targets.one.name }}' },
    { postgres: '${{ targets.many[0].name }}' },
    { tcp: 'x:1', from: '${{ node.name }}' },
  ]);
});

test('a plan is plain JSON', async () => {
  const plan = await planOf(readFileSync(path.join(__dirname, 'cases/switchover.yaml'), 'utf8'));

  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

test('a plan of 50 steps compiles in less than 200 ms', async () => {
  const text = `${head}targets: { db: { where: "true", exactly: 1 } }\nsteps:\n${Array.from({ length: 50 }, (_, i) => `  - id: s${i}\n    risk: read\n    ssh: { on: db, run: [echo, "\${{ run.id }}"] }\n    out: { text: "\${{ result.stdout }}" }\n    expect: size(out.text) > 0\n`).join('')}`;
  await planOf(text);
  const begin = performance.now();
  await planOf(text);

  expect(performance.now() - begin).toBeLessThan(200);
});

test.each([
  [
    'tags: web+prod name: db-.*',
    '"web" in node.tags && "prod" in node.tags && ("name" in node && string(node["name"]).matches("^(?:db-.*)$"))',
  ],
  [
    'tags: web,db !os: windows',
    '(("web" in node.tags) || ("db" in node.tags)) && !(("os" in node && string(node["os"]).matches("^(?:windows)$")))',
  ],
  ['hostname: 10.0.0.1', '("address" in node && string(node["address"]).matches("^(?:10.0.0.1)$"))'],
])('Rundeck filter %s', (text, cel) => {
  expect(rundeckToCel(text)).toBe(cel);
});

test.each(['node.name == "a"', '"web" in node.tags', 'true', 'a ? b : c'])('%s is no Rundeck filter', (text) => {
  expect(rundeckToCel(text)).toBeNull();
});

test('ranges of versions', () => {
  expect([1, 2, 3, 4].filter((version) => inRange(version, '>=2 <4'))).toEqual([2, 3]);
  expect([1, 2, 3].filter((version) => inRange(version, '2'))).toEqual([2]);
  expect(inRange(2, 'latest')).toBe(false);
});
