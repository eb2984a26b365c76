import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { ExecRequest } from '../../../activities/platform/ssh/exec.ts';
import { probe } from '../../../activities/steps/probe.ts';
import { act, hostOf, siteOf } from '../../support/hands.ts';
import { adminUrl } from '../../support/postgres.ts';

const servers: Server[] = [];
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
afterAll(() => servers.forEach((server) => server.close()));

test('probe tcp tells an open port from a closed one', async () => {
  const port = await listen(createServer((socket) => socket.on('error', () => undefined)));

  expect(await act(probe, { args: { tcp: `127.0.0.1:${port}` } })).toMatchObject({
    ok: true,
    ran: 'yes',
    result: { up: true, ms: expect.any(Number) },
  });
  expect(await act(probe, { args: { tcp: '127.0.0.1:1' } })).toMatchObject({
    ok: false,
    result: { up: false, detail: 'ECONNREFUSED' },
    problem: { kind: 'expect' },
  });
});

test('probe names of nodes stand for their addresses', async () => {
  const port = await listen(createServer((socket) => socket.on('error', () => undefined)));
  const site = siteOf({ hosts: [hostOf('web-1', { address: '127.0.0.1' })] });

  expect(await act(probe, { args: { tcp: `web-1:${port}` }, deps: { site: () => site } })).toMatchObject({ ok: true });
});

test('probe http is up from 200 to 399', async () => {
  const port = await listen(createHttp((request, response) => response.writeHead(Number(request.url!.slice(1))).end()));

  expect(await act(probe, { args: { http: `http://127.0.0.1:${port}/200` } })).toMatchObject({
    ok: true,
    result: { detail: 'status 200' },
  });
  expect(await act(probe, { args: { http: `http://127.0.0.1:${port}/301` } })).toMatchObject({ ok: true });
  expect(await act(probe, { args: { http: `http://127.0.0.1:${port}/503` } })).toMatchObject({ ok: false, result: { up: false } });
});

test('probe ping gets an echo from this machine and none from nowhere', async () => {
  expect(await act(probe, { args: { ping: '127.0.0.1' } })).toMatchObject({ ok: true, result: { up: true } });
  expect(await act(probe, { args: { ping: 'nowhere.invalid' } })).toMatchObject({ ok: false, problem: { kind: 'expect' } });
});

test('probe postgres knows a server that accepts connections from one that is something else', async () => {
  const url = new URL(await adminUrl());
  const other = await listen(createHttp((_, response) => response.end('no')));

  expect(await act(probe, { args: { postgres: `${url.hostname}:${url.port}` } })).toMatchObject({ ok: true, result: { up: true } });
  expect(await act(probe, { args: { postgres: `127.0.0.1:${other}` }, perform: { timeout_ms: 1_000 } })).toMatchObject({
    ok: false,
    result: { up: false },
  });
  expect(await act(probe, { args: { postgres: '127.0.0.1:1' } })).toMatchObject({
    ok: false,
    result: { up: false, detail: 'ECONNREFUSED' },
  });
});

test('probe from a node runs a command there with the address as an argument', async () => {
  const asked: ExecRequest[] = [];
  const ssh = {
    exec: async (_: unknown, request: ExecRequest) => {
      asked.push(request);
      return { exit: 1, signal: null, stdout: Buffer.from(''), stderr: Buffer.from('refused\n'), stdout_bytes: 0, stderr_bytes: 8, ms: 1 };
    },
  };
  const site = siteOf({ hosts: [hostOf('web-1')] });
  const outcome = await act(probe, { args: { tcp: 'db;reboot:5432', from: 'web-1' }, deps: { site: () => site, ssh: ssh as never } });

  expect(asked[0]).toMatchObject({ argv: ['db;reboot', '5432', '5'] });
  expect(outcome).toMatchObject({ ok: false, result: { up: false, detail: 'refused' } });
});

test('probe refuses a target that is none', async () => {
  for (const args of [{ tcp: 'no-port' }, { tcp: '-oProxyCommand=x:22' }, { ping: '-f' }, { http: 'file:///etc/passwd' }]) {
    expect(await act(probe, { args })).toMatchObject({ ok: false, ran: 'no', problem: { kind: 'refused' } });
  }
  expect(probe.shape.safeParse({ tcp: 'a:1', ping: 'a' }).success).toBe(false);
  expect(probe.shape.safeParse({}).success).toBe(false);
});
