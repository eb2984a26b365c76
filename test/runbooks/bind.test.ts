import { bind } from '../../runbooks/bind.ts';
import { compile } from '../../runbooks/language/compile.ts';
import { TocsinError } from '../../activities/platform/errors.ts';
import type { Plan } from '../../workflows/core/plan.ts';
import type { Host, Node } from '../../workflows/domain/site.ts';

async function planOf(top: string): Promise<Plan> {
  const { plan, problems } = await compile(
    `runbook: case\nversion: 1\ntitle: Case\nowner: on_duty\n${top}\nsteps: [{ id: a, wait: { for: 1s } }]\n`,
    { file: 'case.yaml' },
  );
  expect(problems.filter(({ level }) => level === 'error')).toEqual([]);
  return plan!;
}

function node(name: string, tags: readonly string[], vars: Node['vars'] = {}): Node {
  return { name, address: `10.0.0.${name.length}`, tags, vars };
}

function failure(work: () => unknown): TocsinError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(TocsinError);
    return error as TocsinError;
  }
  throw new Error('expected a TocsinError');
}

describe('inputs', () => {
  const specs = `inputs:
  name: { type: string, required: true, pattern: "^[a-z-]+$", max: 8 }
  count: { type: int, default: 3, min: 1, max: 5 }
  ratio: { type: number }
  force: { type: boolean, default: false }
  window: { type: duration, default: 10m, min: 60 }
  where: { type: string, enum: [local, offsite], default: local }`;

  test('are filled up with defaults and read from text', async () => {
    const plan = await planOf(specs);

    expect(bind({ plan, inputs: { name: 'web' }, nodes: [] }).inputs).toEqual({
      name: 'web',
      count: 3,
      ratio: null,
      force: false,
      window: '10m',
      where: 'local',
    });
    expect(
      bind({ plan, inputs: { name: 'web', count: '5', ratio: '0.5', force: 'true', window: '2h', where: 'offsite' }, nodes: [] }).inputs,
    ).toEqual({ name: 'web', count: 5, ratio: 0.5, force: true, window: '2h', where: 'offsite' });
  });

  test.each<[Record<string, string | number | boolean>, RegExp]>([
    [{}, /input "name" is required/],
    [{ name: 'web', cuont: 1 }, /no input "cuont", did you mean "count"\?/],
    [{ name: 'Web!' }, /input "name" must match \^\[a-z-\]\+\$, not "Web!"/],
    [{ name: 'much-too-long' }, /at most 8 characters/],
    [{ name: 'web', count: 9 }, /at most 5, not 9/],
    [{ name: 'web', count: 1.5 }, /must be a whole number, not 1.5/],
    [{ name: 'web', count: 'many' }, /must be a whole number, not "many"/],
    [{ name: 'web', force: 'yes' }, /must be true or false/],
    [{ name: 'web', window: '10' }, /must be a duration such as 10m/],
    [{ name: 'web', window: '5s' }, /at least 60 seconds/],
    [{ name: 'web', where: 'ofsite' }, /one of local, offsite \(did you mean "offsite"\?\)/],
    [{ name: 7 }, /must be a text, not 7/],
    [{ name: '"; rm -rf / #' }, /must match/],
    [{ name: 'a\nb' }, /must match/],
  ])('%j is refused', async (inputs, message) => {
    const plan = await planOf(specs);
    const error = failure(() => bind({ plan, inputs, nodes: [] }));

    expect(error.code).toBe('E-INPUT');
    expect(error.message).toMatch(message);
  });

  test('all that is wrong is said at once', async () => {
    const { message } = failure(() => bind({ plan: planned, inputs: { count: 9, x: 1 }, nodes: [] }));

    expect(message).toMatch(/no input "x".*"name" is required.*at most 5/s);
  });

  let planned: Plan;
  beforeAll(async () => {
    planned = await planOf(specs);
  });

  test('a pattern that would freeze another engine is answered at once', async () => {
    const plan = await planOf('inputs: { name: { type: string, pattern: "^(a+)+$", default: a } }');
    const begin = performance.now();

    failure(() => bind({ plan, inputs: { name: `${'a'.repeat(20_000)}!` }, nodes: [] }));
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe('targets', () => {
  const nodes = [
    node('db2', ['db'], { cluster: 'shop', role: 'standby', lag: 5 }),
    node('db1', ['db'], { cluster: 'shop', role: 'primary' }),
    node('db3', ['db'], { cluster: 'shop', role: 'standby', lag: 5 }),
    node('web1', ['web', 'prod']),
  ];

  test('are the hosts where the condition holds, by name; a host without the variable is not meant', async () => {
    const plan = await planOf('inputs: { c: { type: string, required: true } }\ntargets: { all: { where: node.cluster == inputs.c } }');

    expect(bind({ plan, inputs: { c: 'shop' }, nodes }).targets['all']?.map(({ name }) => name)).toEqual(['db1', 'db2', 'db3']);
  });

  test('pick takes one, ties go to the first name, hosts without the value last', async () => {
    const plan = await planOf(
      'targets: { low: { where: \'"db" in node.tags\', pick: min(node.lag) }, high: { where: \'"db" in node.tags\', pick: max(node.name) } }',
    );
    const { targets } = bind({ plan, inputs: {}, nodes });

    expect(targets['low']?.map(({ name }) => name)).toEqual(['db2']);
    expect(targets['high']?.map(({ name }) => name)).toEqual(['db3']);
  });

  test('what only hands may know stays out of the run', async () => {
    const plan = await planOf('targets: { all: { where: "true" } }');
    const host: Host = {
      ...node('h', []),
      port: 22,
      user: 'root',
      key: '/k',
      host_keys: [],
      known_hosts: null,
      jump: [],
      production: true,
      sql: null,
    };

    expect(bind({ plan, inputs: {}, nodes: [host] }).targets['all']).toEqual([{ name: 'h', address: '10.0.0.1', tags: [], vars: {} }]);
  });

  test('too few, too many and none are refused with what was found', async () => {
    const one = await planOf('targets: { p: { where: \'"db" in node.tags\', exactly: 1 } }');
    const some = await planOf('targets: { p: { where: \'"mail" in node.tags\' }, q: { where: \'"web" in node.tags\', at_least: 2 } }');

    expect(failure(() => bind({ plan: one, inputs: {}, nodes })).message).toMatch(
      /target "p" must be exactly 1, it is 3 of 4 hosts \(db2, db1, db3\)/,
    );
    expect(failure(() => bind({ plan: some, inputs: {}, nodes }))).toMatchObject({
      code: 'E-TARGET',
      message: expect.stringMatching(/"p" must be at least 1, it is 0 of 4 hosts; target "q" must be at least 2, it is 1 of 4/) as string,
    });
  });

  test('an expression that does not fit names itself', async () => {
    const plan = await planOf('targets: { p: { where: node.lag < "x" } }');

    expect(failure(() => bind({ plan, inputs: {}, nodes })).message).toMatch(/target "p": cannot evaluate "node.lag < "x""/);
  });

  test('a Rundeck filter selects like the original', async () => {
    const plan = await planOf('targets: { p: { where: "tags: web+prod" }, q: { where: "name: db[12] !role: primary" } }');
    const { targets } = bind({ plan, inputs: {}, nodes });

    expect(targets['p']?.map(({ name }) => name)).toEqual(['web1']);
    expect(targets['q']?.map(({ name }) => name)).toEqual(['db2']);
  });
});
