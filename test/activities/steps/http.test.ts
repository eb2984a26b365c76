import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '../../../activities/steps/http.ts';
import { act, unitOf } from '../../support/hands.ts';

let server: Server;
let base: string;
const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!;
  if (path === '/slow') return;
  if (path === '/cut') return void request.socket.destroy();
  if (path === '/big') return void response.end('x'.repeat(2_000_000));
  if (path === '/broken') return void response.end(Buffer.from([0x61, 0xff, 0x62]));
  if (path === '/away') return void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
  response.writeHead(Number(path.slice(1)) || 200, { 'x-test': 'yes' }).end('answer');
}

test('http gives status, headers and body', async () => {
  expect(await act(http, { args: { url: `${base}/200` } })).toMatchObject({
    ok: true,
    ran: 'yes',
    result: { status: 200, headers: { 'x-test': 'yes' }, body: 'answer' },
  });
});

test('http sends JSON, headers and a key that is the same for every retry', async () => {
  const unit = unitOf('web-1');
  await act(http, { args: { url: `${base}/201`, method: 'POST', headers: { 'X-A': 'b' }, body: { a: [1, '"; rm -rf /'] } }, unit });
  await act(http, { args: { url: `${base}/201`, method: 'POST', body: 'as it is' }, unit });
  const [one, two] = seen.slice(-2);

  expect(one).toMatchObject({
    method: 'POST',
    body: '{"a":[1,"\\"; rm -rf /"]}',
    headers: { 'content-type': 'application/json', 'x-a': 'b' },
  });
  expect(two!.body).toBe('as it is');
  expect(one!.headers['idempotency-key']).toBe(two!.headers['idempotency-key']);
  expect(one!.headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/);
});

test('http says no for what is not wanted: 4xx changed nothing, 5xx may have, redirects are not followed', async () => {
  expect(await act(http, { args: { url: `${base}/404`, method: 'POST' } })).toMatchObject({
    ok: false,
    ran: 'no',
    problem: { kind: 'exit' },
    result: { status: 404, body: 'answer' },
  });
  expect(await act(http, { args: { url: `${base}/503`, method: 'POST' } })).toMatchObject({
    ok: false,
    ran: 'yes',
    problem: { kind: 'exit' },
  });
  expect(await act(http, { args: { url: `${base}/away` } })).toMatchObject({
    ok: false,
    problem: { hint: expect.stringContaining('169.254') },
  });
  expect(await act(http, { args: { url: `${base}/404`, status: [200, 404] } })).toMatchObject({ ok: true });
});

test('http cuts a large body and survives broken UTF-8', async () => {
  const big = await act(http, { args: { url: `${base}/big` } });
  const broken = await act(http, { args: { url: `${base}/broken` } });

  expect(big.result).toMatchObject({ truncated: true });
  expect(String(big.result!['body'])).toHaveLength(256 * 1024);
  expect(broken.result).toMatchObject({ body: 'a\uFFFDb' });
});

test('http knows whether a request can have reached anybody', async () => {
  const refused = await act(http, { args: { url: 'http://127.0.0.1:25999/', method: 'POST' } });
  const unknownName = await act(http, { args: { url: 'http://nowhere.invalid/', method: 'POST' } });
  const cut = await act(http, { args: { url: `${base}/cut`, method: 'POST' } });
  const cutRead = await act(http, { args: { url: `${base}/cut` } });

  expect(refused).toMatchObject({
    ok: false,
    ran: 'no',
    problem: { kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') },
  });
  expect(unknownName).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'unreachable' } });
  expect(cut).toMatchObject({ ok: false, ran: 'unknown', problem: { kind: 'unknown' } });
  expect(cutRead).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'unreachable' } });
});

test('http stops when its time is up: a read did nothing, of a change nobody knows', async () => {
  const read = await act(http, { args: { url: `${base}/slow` }, perform: { timeout_ms: 200 } });
  const change = await act(http, { args: { url: `${base}/slow`, method: 'POST' }, perform: { timeout_ms: 200 } });

  expect(read).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'timeout' } });
  expect(change).toMatchObject({ ok: false, ran: 'unknown', problem: { kind: 'timeout' } });
});

test('http refuses what is no web address, no method and no header by its shape', () => {
  expect(http.shape.safeParse({ url: 'file:///etc/passwd' }).success).toBe(false);
  expect(http.shape.safeParse({ url: 'http://a', method: 'BREW' }).success).toBe(false);
  expect(http.shape.safeParse({ url: 'http://a', headers: { 'a\r\nb': 'c' } }).success).toBe(false);
  expect(http.shape.safeParse({ url: 'http://a', verb: 'GET' }).success).toBe(false);
  expect(http.shape.safeParse({ url: '${{ inputs.url }}', method: '${{ inputs.m }}' }).success).toBe(true);
});
