import { connect } from 'node:net';
import { openServer, tokens, type Fixture } from './fixture.ts';

let server: Fixture;
beforeAll(async () => {
  server = await openServer({ limits: { request_ms: 700 } });
});
afterAll(() => server.close());

const alarm = { name: 'disk_full', severity: 'fatal', labels: { host: 'db1' } };

describe('POST /hooks', () => {
  test('202 with the ids comes after the alarm is in the records', async () => {
    const { status, body } = await server.post('/hooks/generic', [alarm, { name: 'other' }, alarm], tokens.script);

    expect(status).toBe(202);
    expect(body).toMatchObject({ duplicates: 1 });
    expect(await server.records.alarms.get(body.ids[0])).toMatchObject({
      name: 'disk_full',
      source: 'script',
      severity: 'fatal',
      state: 'accepted',
    });
  });

  test('Alertmanager and generic take their own tokens only', async () => {
    const body = { version: '4', status: 'firing', alerts: [] };
    expect((await server.post('/hooks/alertmanager', body, tokens.prometheus)).status).toBe(202);
    expect((await server.post('/hooks/alertmanager', body, tokens.script)).status).toBe(401);
    expect((await server.post('/hooks/alertmanager', body, tokens.operator)).status).toBe(401);
    const none = await server.post('/hooks/generic', alarm, '');
    expect(none.status).toBe(401);
    expect(none.body.error).toMatchObject({ code: 'E-LOGIN', hint: expect.stringContaining('Bearer') });
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('the content type does not matter', async () => {
    const { status } = await server.post('/hooks/generic', JSON.stringify(alarm), tokens.script, {
      'content-type': 'text/plain; charset=UTF-8',
    });
    expect(status).toBe(202);
  });

  test.each([
    ['2 MB', `{"name":"${'x'.repeat(2 * 1024 * 1024)}"}`, 413, 'E-INPUT-SIZE'],
    ['no JSON', '{"name"', 400, 'E-ALARM-JSON'],
    ['an empty body', '', 400, 'E-ALARM-JSON'],
    ['deep JSON', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 400, 'E-ALARM-DEEP'],
    ['a body of another shape', '{"summary":"no name"}', 400, 'E-ALARM-SHAPE'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 400, 'E-ALARM-ENCODING'],
  ])('%s is refused with what to do next', async (_name, body, status, code) => {
    const answer = await server.post('/hooks/generic', body, tokens.script);

    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.body.error.hint).toEqual(expect.any(String));
    expect(JSON.stringify(answer.body)).not.toMatch(/at .*\.(ts|js):\d+/);
  });

  test('an unknown format names the nearest', async () => {
    const { status, body } = await server.post('/hooks/alertmanger', alarm, tokens.script);
    expect(status).toBe(404);
    expect(body.error.hint).toBe('Did you mean /hooks/alertmanager?');
  });

  test('labels with shell, newlines and colours are stored as data', async () => {
    const labels = { host: '"; rm -rf / #', cmd: '$(reboot)', lines: 'a\nb', ansi: '\u001b[31mred' };
    const { body } = await server.post('/hooks/generic', { name: 'hostile', labels }, tokens.script);
    expect((await server.records.alarms.get(body.ids[0]))?.labels).toEqual({
      host: '"; rm -rf / #',
      cmd: '$(reboot)',
      lines: 'a\\u000ab',
      ansi: '\\u001b[31mred',
    });
  });

  test('a sender that dribbles is cut off', async () => {
    const { port } = new URL(server.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      let got = '';
      socket.on('data', (data) => {
        got += data;
      });
      socket.on('close', () => resolve(got));
      socket.write(`POST /hooks/generic HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens.script}\r\ncontent-length: 100\r\n\r\n{`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408|^$/);
  });

  test('too many requests: 503 for Alertmanager, which drops a 429; 429 for others', async () => {
    const tight = await openServer({ limits: { rate: 1, burst: 1 } });
    const group = { version: '4', alerts: [] };
    const codes = [];
    for (const _ of [1, 2])
      codes.push(
        (await tight.post('/hooks/alertmanager', group, tokens.prometheus)).status,
        (await tight.post('/hooks/generic', alarm, tokens.script)).status,
      );
    await tight.close();
    expect(codes).toEqual([202, 202, 503, 429]);
  });

  test('records down: 503, so that the sender comes again', async () => {
    const dead = await openServer();
    await dead.records.pool.end();
    const { status, body, headers } = await dead.post('/hooks/generic', alarm, tokens.script);
    expect((await dead.get('/readyz')).status).toBe(503);
    expect((await dead.get('/metrics')).body).toContain('tocsin_records_up 0');
    await dead.close();
    expect([status, body.error.code, headers.get('retry-after')]).toEqual([503, 'E-RECORDS-DOWN', '5']);
  });

  test('while parts are awaited: 503 with the reason', async () => {
    const early = await openServer({ waiting: () => 'the records are being migrated' });
    const { status, body } = await early.post('/hooks/generic', alarm, tokens.script);
    await early.close();
    expect([status, body.error.message]).toEqual([503, 'serving the request: the records are being migrated']);
  });

  test('metrics count what came in', async () => {
    const { body } = await server.get('/metrics', '');
    expect(body).toMatch(/tocsin_hook_accepted_total \d+/);
    expect(body).toMatch(/tocsin_alarms_waiting \d+/);
  });
});
