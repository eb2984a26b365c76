import { fakeServer, type FakeServer, type Script } from './fake-server.ts';
import { testSite, tocsin, tocsinOnTerminal, type RunOptions, type TestSite } from './support.ts';
import { aRun } from './world.ts';

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

describe('agreement', () => {
  const plan = (risk: string) => ({
    body: {
      name: 'isolate',
      hash: 'h1',
      inputs: {},
      targets: { suspect: [{ name: 'web-1', address: '10.0.0.1', tags: [], vars: {} }] },
      plan: {
        runbook: 'isolate',
        title: 'Cut a host off',
        steps: [{ id: 'cut', risk, call: { kind: 'ssh', args: { on: 'suspect' } }, each: null, pivot: false, undo: {} }],
      },
    },
  });
  const started: Script = { 'POST /api/v1/runs': { status: 201, body: { run: aRun() } } };

  test('a read is started without a word', async () => {
    await open({ ...started, 'POST /api/v1/runbooks/isolate/plan': plan('read') });

    expect((await tocsin(['run', 'isolate', '-q'], env())).out).toBe('run-12\n');
  });

  test('a change is refused off a terminal without --yes, and says where it would act', async () => {
    await open({ ...started, 'POST /api/v1/runbooks/isolate/plan': plan('change') });

    const refused = await tocsin(['run', 'isolate'], env());
    const agreed = await tocsin(['run', 'isolate', '--yes'], env());

    expect(refused.code).toBe(8);
    expect(refused.err).toContain('change on web-1');
    expect(agreed.code).toBe(0);
  });

  test('destruction wants the name of the host: --yes and a wrong name are not enough, and what was agreed to is what is asked for', async () => {
    await open({ ...started, 'POST /api/v1/runbooks/isolate/plan': plan('destructive') });

    const yes = await tocsin(['run', 'isolate', '--yes', '--json'], env());
    const wrong = await tocsin(['run', 'isolate', '--confirm=web-2'], env());
    const right = await tocsin(['run', 'isolate', '--confirm=web-1'], env());

    expect([yes.code, wrong.code, right.code]).toEqual([8, 8, 0]);
    expect(JSON.parse(yes.out)).toMatchObject({ type: 'refused', next: 'add --confirm=web-1 if you mean it' });
    expect(server.asked.filter((one) => one.path === '/api/v1/runs').map((one) => one.body['plan_hash'])).toEqual(['h1']);
  });

  test('on a terminal the name is typed', async () => {
    await open({ ...started, 'POST /api/v1/runbooks/isolate/plan': plan('destructive') });

    const typed = await tocsinOnTerminal(['run', 'isolate'], env({ input: 'web-1\n' }));
    const left = await tocsinOnTerminal(['run', 'isolate'], env({ input: '\n' }));

    expect(typed).toMatchObject({ code: 0 });
    expect(typed.out).toContain('Type web-1 to go on');
    expect(left).toMatchObject({ code: 8 });
  });
});
