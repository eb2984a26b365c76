import { fakeServer, type FakeServer, type Script } from './fake-server.ts';
import { testSite, tocsin, type RunOptions, type TestSite } from './support.ts';
import { aRun, runWorld } from './world.ts';

const token = { TEST_TOKEN: 'secret-operator' };
let server: FakeServer;
let site: TestSite;

async function world(script: Script, args: readonly string[], options: RunOptions = {}) {
  server = await fakeServer(script);
  site = testSite(server.url);
  return tocsin(args, { ...options, env: { ...token, ...options.env, TOCSIN_SITE: site.folder } });
}

afterEach(async () => {
  await server?.close();
  site?.close();
});

describe('exit code', () => {
  test('0: watch of a run that ended well', async () => {
    const ran = await world(runWorld([aRun(), aRun({ status: 'ok' }, ['ok', 'ok', 'ok'])]), ['watch', 'run-12']);

    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain('run-12 ended: ok after 5.0s');
    expect(server.asked[0]?.authorization).toBe('Bearer secret-operator');
  });

  test('1: watch of a run that failed says why and what next', async () => {
    const ran = await world(
      runWorld([
        aRun({ status: 'failed', problem: { kind: 'unreachable', message: 'cannot reach web-1', hint: 'tocsin hosts check web-1' } }, [
          'failed',
        ]),
      ]),
      ['watch', 'run-12'],
    );

    expect(ran.code).toBe(1);
    expect(ran.err).toContain('cannot reach web-1');
    expect(ran.err).toContain('tocsin hosts check web-1');
  });

  test('2: a wrong input, said in four lines before any server is asked', async () => {
    const ran = await world({}, ['run', 'isolate_host', '-i', 'Host']);

    expect(ran.code).toBe(2);
    expect(
      ran.err
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 7)),
    ).toEqual(['error  ', 'why    ', 'next   ', 'ref    ']);
    expect(server.asked).toEqual([]);
  });

  test('3: watch of a run that ended well but went on over a failure', async () => {
    const ran = await world(runWorld([aRun({ status: 'ok' }, ['ok', 'continued', 'ok'])]), ['watch', 'run-12']);

    expect(ran.code).toBe(3);
    expect(ran.out).toContain('with warnings: s1');
  });

  test('4: no token, and a token the server refuses', async () => {
    const without = await world({}, ['runs'], { env: { TEST_TOKEN: '' } });
    await server.close();
    const refused = await world(
      {
        'GET /api/v1/runs': {
          status: 401,
          body: { error: { code: 'E-LOGIN', message: 'listing runs: the token is wrong', hint: 'look into site.yaml' } },
        },
      },
      ['runs'],
    );

    expect(without.code).toBe(4);
    expect(without.err).toContain('export TEST_TOKEN=');
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.err).toContain('next   look into site.yaml');
  });

  test('5: a run that does not exist, and no site', async () => {
    const ran = await world({}, ['runs', 'show', 'run-99']);
    const siteless = await tocsin(['runs'], { cwd: '/' });

    expect(ran.code).toBe(5);
    expect(siteless.code).toBe(5);
    expect(siteless.err).toContain('tocsin init');
  });

  test('6: the time is up and the run goes on', async () => {
    const ran = await world(runWorld([aRun()]), ['watch', 'run-12', '--timeout', '1s']);

    expect(ran.code).toBe(6);
    expect(ran.err).toContain('Re-attach: tocsin watch run-12');
  });

  test('7: run --wait comes back when only a person can move it, with the line for that person', async () => {
    const waiting = aRun(
      { status: 'waiting', next: { what: 'approval', step: 's1', at: Date.now() + 252_000, values: { role: 'ic', then: 'reject' } } },
      ['ok', 'waiting'],
    );
    const ran = await world(runWorld([waiting]), ['watch', 'run-12', '--timeout', '1s']);

    expect(ran.code).toBe(7);
    expect(ran.err).toContain('tocsin approve run-12 s1');
    expect(ran.out).toMatch(/Next: "s1" counts as rejected in 04:1\d unless ic answers before \(tocsin approve run-12 s1\)/);
  });

  test('8: an abort nobody agreed to, and a move the run refuses', async () => {
    const unasked = await world(runWorld([aRun()]), ['abort', 'run-12', '--reason', 'wrong host']);
    expect(server.asked.map((one) => one.method)).toEqual(['GET']);
    await server.close();
    const refused = await world(
      {
        'POST /api/v1/runs/run-12/moves': {
          status: 409,
          body: { error: { code: 'E-MOVE-REFUSED', message: 'approve of run-12: you started it yourself', hint: 'ask somebody else' } },
        },
      },
      ['approve', 'run-12', 's1'],
    );

    expect(unasked.code).toBe(8);
    expect(unasked.err).toContain('--yes');
    expect(refused).toMatchObject({ code: 8 });
    expect(refused.err).toContain('ref    E-MOVE-REFUSED');
  });

  test('9: nothing listens', async () => {
    site = testSite('http://127.0.0.1:9');
    const ran = await tocsin(['runs', '--json'], { env: { ...token, TOCSIN_SITE: site.folder } });

    expect(ran.code).toBe(9);
    expect(JSON.parse(ran.out)).toMatchObject({ type: 'error', code: 'E-UNREACHABLE', exit: 9 });
  });

  test('130: Ctrl-C lets go, aborts nothing, and says how to re-attach', async () => {
    const ran = await world(runWorld([aRun()]), ['watch', 'run-12'], { interruptAt: 'step' });

    expect(ran.code).toBe(130);
    expect(ran.err).toContain('Re-attach: tocsin watch run-12');
    expect(server.asked.every((one) => one.method === 'GET')).toBe(true);
  });
});
