import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncidentRow } from '../../activities/records/incidents.ts';
import type { LinkRow } from '../../activities/records/links.ts';
import type { Next } from '../../workflows/core/run.ts';
import { say } from '../../workflows/domain/catalogue/index.ts';
import { nextLine } from '../../workflows/domain/catalogue/line.ts';
import { clockTime, shortTime, span } from '../../workflows/domain/catalogue/span.ts';
import type { Language } from '../../workflows/domain/words.ts';
import { queries, workflowIds, type IncidentView } from '../../workflows/messages.ts';
import { ackPage, type AckPage } from './ack-page.ts';
import { applyAcknowledge, startSweeper, type AckDeps } from './ack-sweep.ts';

const shape = /^[\w-]{22,128}$/;

export interface AcknowledgeOptions {
  /** How often presses that the engine did not hear are brought again. */
  readonly sweep_ms?: number;
}

/**
 * The page behind the link of a mail. Looking at it changes nothing, however often and by whom: mail scanners open links ahead of
 * people. Only the button acts, once, for the person the link was made for.
 */
export function registerAcknowledge(app: FastifyInstance, deps: AckDeps, options: AcknowledgeOptions = {}): void {
  const sweeper = startSweeper(deps, options.sweep_ms ?? 3_000);
  app.addHook('onClose', async () => sweeper.stop());
  void app.register(async (pages) => {
    // The form has no fields; whatever a browser sends along is not read.
    pages.removeAllContentTypeParsers();
    pages.addContentTypeParser('*', { bodyLimit: 4_096 }, (_request, payload, done) => {
      payload.resume();
      payload.on('end', () => done(null, null)).on('error', done);
    });
    pages.get('/a/:token', (request, reply) => answer(deps, request, reply, false));
    pages.post('/a/:token', (request, reply) => answer(deps, request, reply, true));
  });
}

interface Shown {
  readonly status: number;
  readonly page: Omit<AckPage, 'language'>;
}

interface Case {
  readonly deps: AckDeps;
  readonly token: string;
  readonly link: LinkRow;
  readonly incident: IncidentRow;
  readonly language: Language;
  readonly timezone: string;
}

async function answer(deps: AckDeps, request: FastifyRequest, reply: FastifyReply, act: boolean): Promise<FastifyReply> {
  let language = asked(request, deps);
  try {
    const { token } = request.params as { readonly token: string };
    const link = shape.test(token) ? await deps.records.links.find(token) : null;
    const incident = link ? await deps.records.incidents.get(link.incident) : null;
    language = deps.site().people.find((person) => person.name === link?.person)?.language ?? language;
    if (!link || !incident) return send(reply, language, { status: 404, page: problem(language, say(language, 'ack.unknown')) });
    const shown = await decide({ deps, token, link, incident, language, timezone: deps.site().timezone }, act);
    return send(reply, language, shown);
  } catch (error) {
    // The address holds the token: it is left out of the log.
    request.log.error({ error: error instanceof Error ? error.message : String(error) }, 'an acknowledge page could not be answered');
    void reply.header('retry-after', '30');
    return send(reply, language, { status: 503, page: problem(language, say(language, 'ack.down')) });
  }
}

async function decide(here: Case, act: boolean): Promise<Shown> {
  const { incident, link, language, timezone } = here;
  if (incident.resolved_at !== null) {
    return shown(here, 410, [
      say(language, 'ack.ended', { by: incident.resolved_by ?? '–', time: clockTime(incident.resolved_at, timezone) }),
    ]);
  }
  if (incident.acknowledged_at !== null) return already(here, incident.acknowledged_by ?? '–', incident.acknowledged_at);
  // A link that was pressed in time stays good for asking again what became of it.
  if (link.used_at === null && link.expires_at <= Date.now()) {
    return shown(here, 410, [say(language, 'ack.expired', { time: clockTime(link.expires_at, timezone), incident: incident.id })]);
  }
  return act ? press(here) : ask(here);
}

function ask(here: Case): Shown {
  const { incident, link, language, timezone } = here;
  const lines = [
    say(language, 'ack.opened', {
      time: clockTime(incident.opened_at, timezone),
      ago: span(language, Math.max(0, Date.now() - incident.opened_at)),
    }),
    ...(incident.next ? [nextLine(incident.next as Next, Date.now(), { language, timezone })] : []),
    say(language, 'ack.as', { person: link.person }),
    say(language, 'ack.explain'),
  ];
  return shown(here, 200, lines, true);
}

async function press(here: Case): Promise<Shown> {
  const { deps, token, link, incident, language, timezone } = here;
  await deps.records.links.use(token);
  try {
    await applyAcknowledge(deps, { incident: incident.id, person: link.person });
    return shown(here, 200, [say(language, 'ack.done', { time: shortTime(Date.now(), timezone) })]);
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && String(error.code).startsWith('E-REFUSED');
    if (refused) return refusal(here);
    deps.log.warn({ incident: incident.id, error: String(error) }, 'an acknowledgement waits for the engine');
    return shown(here, 202, [say(language, 'ack.stored')]);
  }
}

/** Somebody was faster, or it is over: the workflow knows before the records do. */
async function refusal(here: Case): Promise<Shown> {
  const { deps, incident, language, timezone } = here;
  const fresh = await deps.records.incidents.get(incident.id);
  if (fresh && (fresh.acknowledged_at !== null || fresh.resolved_at !== null)) return decide({ ...here, incident: fresh }, false);
  const view = await (await deps.temporal()).workflow.getHandle(workflowIds.incident(incident.id)).query<IncidentView>(queries.state);
  if (view.resolved)
    return shown(here, 410, [say(language, 'ack.ended', { by: view.resolved.by, time: clockTime(view.resolved.at, timezone) })]);
  return view.acknowledged ? already(here, view.acknowledged.by, view.acknowledged.at) : shown(here, 202, [say(language, 'ack.stored')]);
}

function already(here: Case, by: string, at: number): Shown {
  const { language, timezone, link, incident } = here;
  const words =
    by === link.person
      ? say(language, 'ack.done', { time: shortTime(at, timezone) })
      : say(language, 'ack.already', { by, time: shortTime(at, timezone) });
  return shown(here, 200, [words, ...(incident.next ? [nextLine(incident.next as Next, Date.now(), { language, timezone })] : [])]);
}

function shown({ incident }: Case, status: number, lines: readonly string[], button = false): Shown {
  return { status, page: { title: `${incident.id}: ${incident.title}`, severity: incident.severity, lines, button } };
}

function problem(language: Language, line: string): Omit<AckPage, 'language'> {
  return { title: say(language, 'ack.problem'), severity: null, lines: [line], button: false };
}

function asked(request: FastifyRequest, deps: AckDeps): Language {
  const wanted = String(request.headers['accept-language'] ?? '')
    .trim()
    .toLowerCase();
  if (wanted.startsWith('zh')) return 'zh';
  return wanted.startsWith('en') ? 'en' : deps.site().language;
}

function send(reply: FastifyReply, language: Language, { status, page }: Shown): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex, nofollow')
    .header('x-content-type-options', 'nosniff')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    .send(ackPage({ language, ...page }));
}
