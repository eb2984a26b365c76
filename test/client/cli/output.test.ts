import { z } from 'zod';
import { fakeServer, type FakeServer, type Script } from './fake-server.ts';
import { testSite, tocsin, tocsinOnTerminal, type Ran, type RunOptions, type TestSite } from './support.ts';
import { aLine, aRun, runWorld } from './world.ts';

const escapes = /\u001b/;
let server: FakeServer;
let site: TestSite;

async function open(script: Script): Promise<void> {
  server = await fakeServer(script);
  site = testSite(server.url);
}

function env(options: RunOptions = {}): RunOptions {
  return { ...options, env: { TEST_TOKEN: 'secret-operator', TOCSIN_SITE: site.folder, ...options.env } };
}

afterEach(async () => {
  await server?.close();
  site?.close();
});

const hostile = 'disk \u001b[31mfull\u001b[0m\nFATAL everything is fine\u202e1-bew';
const lists: Script = {
  'GET /api/v1/runs': { body: { runs: [aRun({ title: hostile })], next: null } },
  'GET /api/v1/incidents': {
    body: {
      incidents: [
        {
          id: 'inc-7',
          title: hostile,
          severity: 'fatal',
          phase: 'open',
          commander: null,
          run: 'inc-7.1',
          opened_at: Date.now(),
          resolved_at: null,
          next: null,
        },
      ],
      next: null,
    },
  },
  'GET /api/v1/alarms': {
    body: {
      alarms: [
        {
          id: 41,
          source: 'am',
          name: hostile,
          status: 'firing',
          summary: hostile,
          severity: 'fatal',
          state: 'opened',
          reason: null,
          count: 2,
          incident: 'inc-7',
          accepted_at: Date.now(),
        },
      ],
      next: null,
    },
  },
  'GET /api/v1/runs/run-12': { body: { run: aRun({ title: hostile, problem: { message: hostile, hint: null } }) } },
  'GET /api/v1/runs/run-12/timeline': { body: { timeline: [{ ...aLine, values: { title: hostile } }] } },
  'GET /api/v1/runs/run-12/output': {
    body: { output: [{ step: 's0', node: 'web-1', key: 'k', stream: 'stdout', text: `one\n${hostile}\n` }] },
  },
};

describe('text of alarms and hosts', () => {
  test.each([
    [['runs']],
    [['incident']],
    [['alarm']],
    [['runs', 'show', 'run-12']],
    [['runs', 'log', 'run-12']],
    [['runs', 'log', 'run-12', 's0']],
  ])('%j shows it escaped, also on a terminal', async (args) => {
    await open(lists);

    const ran = await tocsinOnTerminal(args, env());

    expect(ran.code).toBe(0);
    const withoutOurs = ran.out.replace(/\u001b\[(?:[0-9]+m|[0-9]*A|0J|\?25[lh])/g, '');
    expect(withoutOurs).not.toMatch(escapes);
    expect(withoutOurs).not.toContain('\u202e');
    expect(withoutOurs.split(/\r?\n/).filter((line) => line.startsWith('FATAL everything'))).toEqual(args.includes('s0') ? [] : []);
  });
});

describe('on a pipe', () => {
  test.each([
    [['runs']],
    [['incident', 'list']],
    [['alarm', 'list']],
    [['runs', 'show', 'run-12']],
    [['watch', 'run-12', '--timeout', '1s']],
  ])('%j has no escape codes and nothing but data on stdout', async (args) => {
    await open(lists);

    const ran = await tocsin(args, env());

    expect(ran.out).not.toMatch(escapes);
    expect(ran.err).not.toMatch(escapes);
    expect(ran.out).not.toMatch(/tocsin watch/);
  });

  test('-q gives ids and nothing else', async () => {
    await open(lists);

    expect((await tocsin(['runs', '-q'], env())).out).toBe('run-12\n');
    expect((await tocsin(['incident', '-q'], env())).out).toBe('inc-7\n');
    expect((await tocsin(['alarm', '--quiet'], env())).out).toBe('41\n');
  });
});

describe('--json', () => {
  const shapes: Record<string, z.ZodType> = {
    runs: z.strictObject({ runs: z.array(z.looseObject({ id: z.string(), status: z.string(), title: z.string() })) }),
    incident: z.strictObject({ incidents: z.array(z.looseObject({ id: z.string(), severity: z.string() })) }),
    alarm: z.strictObject({ alarms: z.array(z.looseObject({ id: z.number(), name: z.string() })) }),
    'runs show run-12': z.looseObject({
      id: z.string(),
      state: z.looseObject({ steps: z.array(z.looseObject({ id: z.string(), status: z.string() })) }),
    }),
    'runs show run-99': z.strictObject({
      type: z.literal('error'),
      code: z.string(),
      error: z.string(),
      why: z.string().nullable(),
      next: z.string().nullable(),
      exit: z.literal(5),
    }),
    hosts: z.strictObject({ hosts: z.array(z.looseObject({ name: z.string() })) }),
    people: z.strictObject({ people: z.array(z.looseObject({ name: z.string() })) }),
    'people check': z.strictObject({ findings: z.array(z.strictObject({ level: z.enum(['error', 'warning']), message: z.string() })) }),
    'config path': z.looseObject({ site: z.string(), data: z.string(), url: z.string(), runbooks: z.array(z.string()) }),
    status: z.strictObject({
      site: z.string(),
      url: z.string(),
      ok: z.boolean(),
      parts: z.array(z.looseObject({ name: z.string(), state: z.string() })),
    }),
    check: z.looseObject({
      ok: z.boolean(),
      errors: z.number(),
      warnings: z.number(),
      findings: z.array(z.looseObject({ file: z.string(), line: z.number(), message: z.string() })),
    }),
    'runbook list': z.looseObject({ runbooks: z.array(z.looseObject({ name: z.string(), version: z.number(), hash: z.string() })) }),
  };

  test.each(Object.keys(shapes))('%s: one document of a known shape', async (line) => {
    await open(lists);

    const ran = await tocsin([...line.split(' '), '--json'], env());

    expect(ran.out.trim().split('\n')).toHaveLength(1);
    expect(shapes[line]?.parse(JSON.parse(ran.out))).toBeDefined();
  });

  test('watch: one object a line, the last one the end', async () => {
    await open(runWorld([aRun(), aRun({ status: 'ok' }, ['ok', 'ok', 'ok'])]));

    const ran = await tocsin(['watch', 'run-12', '--json'], env());

    const lines = ran.out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { type: string });
    expect(lines.map((one) => one.type)).toEqual(['line', 'state', 'state', 'end']);
  });
});

describe('watch on a terminal', () => {
  function shown(ran: Ran): string {
    // What is left on the screen after the last redraw.
    return (
      ran.out
        .split('\u001b[0J')
        .at(-1)
        ?.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
        .replaceAll('\r', '') ?? ''
    );
  }

  test('redraws the whole plan with what is next and its countdown, and leaves the end standing', async () => {
    const waiting = aRun(
      { status: 'waiting', next: { what: 'approval', step: 's1', at: Date.now() + 252_000, values: { role: 'dba', then: 'escalate' } } },
      ['ok', 'waiting', 'pending'],
    );
    await open(runWorld([waiting, waiting, aRun({ status: 'ok' }, ['ok', 'ok', 'ok'])]));

    const ran = await tocsinOnTerminal(['watch', 'run-12'], env());

    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/Next: the next level is asked about "s1" in 04:1\d unless dba answers before/);
    expect(ran.out).toContain('? Cut the host off');
    expect(shown(ran)).toMatch(/v Collect evidence .*ok/);
    expect(ran.out).toContain('\u001b[?25h');
  });

  test('NO_COLOR keeps the redraw and drops the colour; TERM=dumb drops both', async () => {
    await open(runWorld([aRun({ status: 'ok' }, ['ok', 'ok', 'ok'])]));

    const plain = await tocsinOnTerminal(['watch', 'run-12'], env({ env: { NO_COLOR: '1' } }));
    const dumb = await tocsinOnTerminal(['watch', 'run-12'], env({ env: { TERM: 'dumb' } }));

    expect(plain.out).not.toMatch(/\u001b\[\d+m/);
    expect(dumb.out).not.toMatch(escapes);
  });
});
