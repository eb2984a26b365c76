import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { listen, type Listening } from '../../../activities/records/listen.ts';
import type { ServerDeps } from '../deps.ts';
import { check, word } from '../input.ts';

export const streamQuery = z.object({
  run: word.optional(),
  incident: word.optional(),
  after: z
    .string()
    .regex(/^\d{1,18}-\d{1,18}$/)
    .optional(),
});

const followersMax = 200;
/** Also asked without a wake-up: a line behind another's open transaction gets none of its own. */
const poll_ms = 1_000;
const keep_ms = 15_000;

/**
 * `GET /stream`: every line of the timeline as it is written, as server-sent events. `id` is the place to go on from:
 * a follower that comes back with Last-Event-ID (or `?after=`) misses nothing and hears nothing twice.
 */
export function registerStream(app: FastifyInstance, deps: ServerDeps): void {
  const followers = new Set<() => void>();
  let listening: Listening | null = null;
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    followers.forEach((wake) => wake());
  });
  app.addHook('onClose', async () => {
    await listening?.close();
  });

  app.get('/stream', async (request, reply) => {
    const query = check(streamQuery, request.query, 'following the timeline');
    if (followers.size >= followersMax)
      throw new TocsinError(`following the timeline: ${followersMax} followers are connected already`, {
        code: 'E-BUSY',
        hint: 'Close one of them.',
      });
    const last = request.headers['last-event-id'];
    const from =
      (typeof last === 'string' && /^\d{1,18}-\d{1,18}$/.test(last) ? last : query.after) ?? (await deps.records.timeline.head());
    listening ??= listen({ pool: deps.records.pool, channels: ['timeline'], onWake: () => followers.forEach((wake) => wake()) });
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    reply.raw.write('retry: 1000\n\n');
    void follow({ deps, reply, from, subject: query.run, incident: query.incident, followers, closing: () => closing });
  });
}

interface Following {
  readonly deps: ServerDeps;
  readonly reply: FastifyReply;
  readonly from: string;
  readonly subject: string | undefined;
  readonly incident: string | undefined;
  readonly followers: Set<() => void>;
  readonly closing: () => boolean;
}

async function follow({ deps, reply, from, subject, incident, followers, closing }: Following): Promise<void> {
  const { raw } = reply;
  let cursor = from;
  let wake: () => void = () => undefined;
  let woken = false;
  let gone = false;
  const onWake = () => {
    woken = true;
    wake();
  };
  followers.add(onWake);
  raw.on('close', () => {
    gone = true;
    wake();
  });
  let spoke = Date.now();
  try {
    while (!gone && !closing()) {
      woken = false;
      const rows = await deps.records.timeline.follow(cursor, { subject, incident });
      for (const { cursor: id, ...row } of rows) {
        cursor = id;
        // A slow reader slows us down, not the memory up.
        if (!raw.write(`id: ${id}\nevent: line\ndata: ${JSON.stringify(row)}\n\n`) && !gone)
          await new Promise<void>((resolve) => {
            raw.once('drain', resolve);
            raw.once('close', resolve);
          });
        spoke = Date.now();
      }
      if (Date.now() - spoke > keep_ms) {
        raw.write(': still here\n\n');
        spoke = Date.now();
      }
      if (rows.length > 0 || woken || gone) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, poll_ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } catch (error) {
    // The follower comes back by itself, from where it was.
    deps.log.warn({ err: error }, 'stream ended');
  } finally {
    followers.delete(onWake);
    raw.end();
  }
}
