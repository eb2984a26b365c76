import { makeLibrary, makePlan, makeSite, openServer, type Fixture } from './fixture.ts';

let server: Fixture;
beforeAll(async () => {
  const gate = { id: 'agree', title: 'Agree', call: { kind: 'approve', args: { by: { role: 'commander' } } } };
  const people = [{ name: 'wu', title: 'Commander', mail: null, phone: null, language: 'zh' as const, roles: ['commander'] }];
  server = await openServer({
    site: () => makeSite({ people }),
    library: makeLibrary([makePlan('demo', undefined, { steps: [gate as never] }), makePlan('only_alarms', [{ on: 'alarm' } as never])]),
  });
});
afterAll(() => server.close());

describe('operator token', () => {
  test.each(['/api/v1/status', '/api/v1/runs', '/api/v1/incidents', '/api/v1/alarms', '/api/v1/runbooks', '/api/v1/stream'])(
    '%s asks for it',
    async (path) => {
      expect((await server.get(path, '')).status).toBe(401);
      expect((await server.get(path, 'wrong')).status).toBe(401);
    },
  );
});

describe('runs', () => {
  test('started with the engine down: stored, and left for the dispatcher', async () => {
    const { status, body } = await server.post('/api/v1/runs', { runbook: 'demo', inputs: { host: 'db1' }, reason: 'try', by: 'ann' });

    expect(status).toBe(201);
    expect(body.run).toMatchObject({
      id: expect.stringMatching(/^run-\d+$/),
      started: false,
      by: 'ann',
      plan_hash: 'hash-demo',
      inputs: { host: 'db1' },
    });
    expect(await server.records.runs.unstarted(10, 0)).toContain(body.run.id);
    expect((await server.get(`/api/v1/runs/${body.run.id}`)).body.run.plan.title).toBe('Title of demo');
    expect((await server.get('/api/v1/runs?limit=1')).body.runs).toHaveLength(1);
  });

  test.each([
    ['unknown runbook', { runbook: 'demos' }, 404],
    ['unknown key', { runbook: 'demo', input: {} }, 400],
    ['wrong mode', { runbook: 'demo', mode: 'dril' }, 400],
    ['empty target', { runbook: 'demo', inputs: { host: 'nowhere' } }, 400],
    ['no manual trigger', { runbook: 'only_alarms' }, 409],
    ['no JSON', '{', 400],
    ['prototype', '{"runbook":"demo","__proto__":{"a":1}}', 400],
  ])('%s is refused with a hint, and nothing is stored', async (_name, body, status) => {
    const before = (await server.get('/api/v1/runs')).body.runs.length;
    const answer = await server.post('/api/v1/runs', body);

    expect(answer.status).toBe(status);
    expect(answer.body.error).toEqual({ code: expect.stringMatching(/^E-/), message: expect.any(String), hint: expect.any(String) });
    expect((await server.get('/api/v1/runs')).body.runs).toHaveLength(before);
  });

  test('an unknown id says which are there', async () => {
    const { status, body } = await server.get('/api/v1/runs/run-999');
    expect([status, body.error.code]).toEqual([404, 'E-NOT-FOUND']);
    expect(body.error.hint).toMatch(/newest runs: run-\d+/);
  });

  test('output is put together before it is decoded', async () => {
    const id = (await server.get('/api/v1/runs')).body.runs[0].id;
    const bytes = Buffer.from('héllo');
    await server.records.outputs.append({
      run: id,
      step: 's',
      node: 'web1',
      key: 'k1',
      stream: 'stdout',
      offset: 0,
      bytes: bytes.subarray(0, 2),
    });
    await server.records.outputs.append({
      run: id,
      step: 's',
      node: 'web1',
      key: 'k1',
      stream: 'stdout',
      offset: 2,
      bytes: bytes.subarray(2),
    });

    expect((await server.get(`/api/v1/runs/${id}/output?step=s&stream=stdout`)).body.output).toEqual([
      { step: 's', node: 'web1', key: 'k1', stream: 'stdout', text: 'héllo' },
    ]);
  });
});

describe('moves', () => {
  test('need the role of the approval, a known kind, and an engine that answers', async () => {
    const id = (await server.get('/api/v1/runs')).body.runs[0].id;
    const move = (body: object) => server.post(`/api/v1/runs/${id}/moves`, body);

    expect((await move({ kind: 'approve', step: 'agree', by: 'mallory' })).body.error).toMatchObject({
      code: 'E-REFUSED-ROLE',
      hint: expect.stringContaining('wu'),
    });
    expect((await move({ kind: 'approve', step: 'agree', by: 'wu' })).status).toBe(503);
    expect((await move({ kind: 'aprove', step: 'agree' })).status).toBe(400);
  });
});

describe('incidents', () => {
  test('declared by hand: opened with its run in one go, reports and lists follow', async () => {
    const { status, body } = await server.post('/api/v1/incidents', {
      title: 'network down',
      severity: 'severe',
      runbook: 'demo',
      by: 'wu',
    });
    const { id } = body.incident;

    expect([status, body.incident.severity]).toEqual([201, 'severe']);
    const shown = (await server.get(`/api/v1/incidents/${id}`)).body;
    expect(shown).toMatchObject({ incident: { run: `${id}.1` }, runs: [{ id: `${id}.1`, incident: id }], alarms: [], deliveries: [] });
    expect((await server.records.incidents.input(id))?.tiers.severe[0]).toMatchObject({
      after_ms: 900_000,
      to: expect.arrayContaining(['level_2']),
    });
    expect((await server.get(`/api/v1/incidents/${id}/timeline`)).body.timeline[0]).toMatchObject({ code: 'intake.declared', by: 'wu' });
    expect((await server.get(`/api/v1/incidents/${id}/report.md`)).status).toBe(404);
    await server.records.incidents.save(id, { report_md: '# R', report_html: '<h1>R</h1>', resolved_at: Date.now() });
    expect((await server.get(`/api/v1/incidents/${id}/report?format=html`)).body).toBe('<h1>R</h1>');
    expect((await server.get('/api/v1/incidents')).body.incidents).toEqual([]);
    expect((await server.get('/api/v1/incidents?all=true')).body.incidents).toHaveLength(1);
    expect((await server.post(`/api/v1/incidents/${id}/moves`, { kind: 'acknowledge' })).status).toBe(409);
  });
});

describe('addresses', () => {
  test('an unknown one names the nearest', async () => {
    const { status, body } = await server.get('/api/v1/incident');
    expect([status, body.error.hint]).toEqual([404, 'Did you mean /api/v1/incidents?']);
  });

  test('every answer carries the security headers', async () => {
    const { headers } = await server.get('/healthz', '');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  test('runbooks are listed, shown and planned', async () => {
    expect((await server.get('/api/v1/runbooks')).body.runbooks.map((one: { name: string }) => one.name)).toEqual(['demo', 'only_alarms']);
    expect((await server.post('/api/v1/runbooks/demo/plan', { inputs: { a: 1 } })).body).toMatchObject({
      hash: 'hash-demo',
      inputs: { a: 1 },
    });
    expect((await server.get('/api/v1/status')).body).toMatchObject({ records: { up: true }, engine: { up: false } });
  });
});

describe('stream', () => {
  const note = (seq: number) => ({ seq, at: 1, code: 'run.started', step: null, node: null, by: null, values: { n: seq } });

  async function lines(
    query: string,
    count: number,
    after: () => Promise<unknown>,
    headers: Record<string, string> = {},
  ): Promise<{ id: string; n: number }[]> {
    const stop = new AbortController();
    const response = await fetch(`${server.url}/api/v1/stream${query}`, {
      headers: { authorization: 'Bearer operator-token-0123456789', ...headers },
      signal: stop.signal,
    });
    await after();
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.split('event: line').length > count) break;
    }
    stop.abort();
    return [...text.matchAll(/id: (.*)\nevent: line\ndata: (.*)\n/g)].map((found) => ({
      id: found[1]!,
      n: JSON.parse(found[2]!).values.n,
    }));
  }

  test('follows the timeline, and goes on after Last-Event-ID without a gap', async () => {
    const first = await lines('?run=s1', 2, () => server.records.timeline.append('s1', null, [note(1), note(2)]));
    await server.records.timeline.append('s2', null, [note(9)]);
    await server.records.timeline.append('s1', null, [note(3)]);
    const second = await lines('?run=s1', 2, () => server.records.timeline.append('s1', null, [note(4)]), {
      'last-event-id': first[1]!.id,
    });

    expect([first, second].map((part) => part.map((line) => line.n))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

describe('openapi', () => {
  test('names every address of the API, and nothing that is not there', async () => {
    const document = (await server.get('/api/openapi.json', '')).body;
    const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const routed = server.routes.filter((route) => /^(get|post) \/(api\/v1|hooks)\//.test(route) && !route.includes('{format}'));

    expect(described.toSorted()).toEqual(routed.toSorted());
    expect(document.paths['/hooks/generic'].post.requestBody.content['application/json'].schema).toHaveProperty('anyOf');
  });
});
