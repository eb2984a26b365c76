import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test scripts: status and body per `METHOD /path` (query left out); a function is asked anew each time. */
export type Answer = { readonly status?: number; readonly body: unknown; readonly text?: boolean };
export type Script = Record<string, Answer | ((request: Asked) => Answer)>;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  readonly body: Record<string, unknown>;
}

export interface FakeServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly close: () => Promise<void>;
}

/** Stands for the API where a test needs an answer that the real server gives only after hours or failures. */
export async function fakeServer(script: Script): Promise<FakeServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const one: Asked = {
        method: request.method ?? '',
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        authorization: request.headers.authorization ?? '',
        body,
      };
      asked.push(one);
      const found = script[`${one.method} ${one.path}`] ?? {
        status: 404,
        body: { error: { code: 'E-NOT-FOUND', message: `cannot find ${one.path}: there is none`, hint: null } },
      };
      const answer = typeof found === 'function' ? found(one) : found;
      response.writeHead(answer.status ?? 200, { 'content-type': answer.text ? 'text/plain' : 'application/json' });
      response.end(answer.text ? String(answer.body) : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => closed(server) };
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
