import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Outcome } from '../../workflows/core/run.ts';
import { done, failed } from '../hand/outcome.ts';
import { withSecrets } from '../platform/secrets.ts';
import { explainFetch, readCapped } from '../platform/web.ts';
import type { StepKind, UnitContext } from './kind.ts';
import { text, written } from './written.ts';

const bodyCap = 256 * 1024;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const readers: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const status = z.int().min(100).max(599);
/** `{"$secret": …}` is text by the time it is used. */
const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not a header name'),
  z.union([text, z.number(), z.boolean()]),
);

const shape = z.strictObject({
  url: text.regex(/^(https?:\/\/|\$\{\{)/, 'must begin with http:// or https://').describe('Address, with the scheme'),
  method: written(z.enum(methods)).default('GET'),
  headers: headers.optional(),
  body: z.json().optional().describe('Text is sent as it is, anything else as JSON'),
  status: written(z.union([status, z.array(status).min(1)]))
    .optional()
    .describe('Answers that count as success; without it 200 to 299'),
});

/** One HTTP request; redirects are not followed. Result: `{status, headers, body}`, the body cut at 256 KB. */
export const http: StepKind = {
  id: 'http',
  words: {
    en: { title: 'HTTP request', help: 'Calls an HTTP address; any answer from 200 to 299 is a success, unless "status" says otherwise' },
    zh: { title: 'HTTP 请求', help: '调用一个 HTTP 地址；默认 200–299 视为成功，可用 “status” 另行指定' },
  },
  shape,
  place: null,
  risk: (args) => (readers.includes(String(args['method'] ?? 'GET')) ? 'read' : 'change'),
  idempotent: false,
  chunk: 50,
  run,
};

async function run({ perform, unit, args, signal }: UnitContext): Promise<Outcome> {
  const began = Date.now();
  const given = shape.parse(withSecrets(args, perform.secrets));
  const method = given.method as (typeof methods)[number];
  const reads = readers.includes(method);
  const sent = new Headers();
  for (const [name, value] of Object.entries(given.headers ?? {})) sent.set(name, String(value));
  const body = given.body === undefined ? null : typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
  if (body !== null && typeof given.body !== 'string' && !sent.has('content-type')) sent.set('content-type', 'application/json');
  // The same for every retry, so that an address that knows such keys acts once.
  if (!reads && !sent.has('idempotency-key')) sent.set('idempotency-key', createHash('sha256').update(unit.key).digest('hex'));

  const act = `${method} ${given.url}`;
  try {
    const answer = await fetch(given.url, { method, headers: sent, body, signal, redirect: 'manual' });
    const seen = await readCapped(answer, bodyCap);
    const result = {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: seen.text,
      ...(seen.truncated ? { truncated: true } : {}),
    };
    if (wanted(answer.status, given.status)) return done(result, { unit, began });
    const message = `${act} answered ${answer.status}, wanted ${wantedWords(given.status)}`;
    const hint =
      answer.status >= 300 && answer.status < 400
        ? `It points to ${answer.headers.get('location') ?? 'nowhere'}; redirects are not followed: use that address`
        : null;
    // A refusal by the other side (3xx, 4xx) changed nothing; behind a 5xx something may have been begun.
    return failed({ kind: 'exit', message, hint }, { unit, began, result, ran: answer.status >= 500 ? 'yes' : 'no' });
  } catch (error) {
    const why = explainFetch(error, signal);
    const ran = reads || why.before ? 'no' : 'unknown';
    const kind = ran === 'unknown' && why.kind !== 'timeout' ? 'unknown' : why.kind;
    return failed({ kind, message: `${act} failed: ${why.message}`, hint: why.hint }, { unit, began, ran });
  }
}

type Wanted = z.infer<typeof shape>['status'];

function wanted(got: number, want: Wanted): boolean {
  if (want === undefined || typeof want === 'string') return got >= 200 && got <= 299;
  return Array.isArray(want) ? want.includes(got) : want === got;
}

function wantedWords(want: Wanted): string {
  if (want === undefined || typeof want === 'string') return '200 to 299';
  return Array.isArray(want) ? want.join(' or ') : String(want);
}
