import type { Api } from '../api.ts';
import type { Cli } from '../cli.ts';
import { exit } from '../exit.ts';
import type { IncidentRow, Line } from '../wire.ts';
import { moment, shortTime } from '../wire.ts';
import { drawIncident } from './draw-incident.ts';
import { logLine } from './draw.ts';
import { incidentNext } from './next.ts';
import { makePainter } from './paint.ts';
import { pause, sorted } from './poll.ts';

/** Shows an incident until it is resolved, the time is up, or Ctrl-C. Exit 0 resolved, 6 time is up, 130 let go. */
export async function followIncident(
  cli: Cli,
  api: Api,
  options: { readonly incident: string; readonly poll_ms?: number },
): Promise<number> {
  const painter = cli.terminal.live ? makePainter(cli.raw) : null;
  const until = cli.timeout_ms === null ? Infinity : cli.now() + cli.timeout_ms;
  const seen = new Set<string>();
  let lastNext = '';
  try {
    for (;;) {
      if (cli.interrupted.aborted) {
        cli.hint(cli.word('detached', { subject: options.incident }));
        return exit.interrupted;
      }
      const news = await read(api, options.incident).catch((error: unknown) => sorted(cli, error));
      if (news !== null) {
        const fresh = news.timeline.filter((line) => !seen.has(`${line.subject}/${line.seq}`));
        for (const line of fresh) seen.add(`${line.subject}/${line.seq}`);
        if (painter)
          painter.paint(
            fresh.map((line) => logLine(cli, line, cli.now())),
            drawIncident(cli, news.incident, cli.now()),
          );
        else lastNext = plain(cli, news.incident, fresh, lastNext);
        if (moment(news.incident.resolved_at) !== null) {
          if (cli.json) cli.document({ type: 'end', incident: options.incident, status: 'resolved', exit: exit.done });
          return exit.done;
        }
      }
      if (cli.now() >= until) {
        if (cli.json) cli.document({ type: 'still_running', incident: options.incident, exit: exit.stillRunning });
        cli.hint(cli.word('timed_out', { subject: options.incident }));
        return exit.stillRunning;
      }
      await pause(options.poll_ms ?? 500, cli.interrupted);
    }
  } finally {
    painter?.close();
  }
}

interface News {
  readonly incident: IncidentRow;
  readonly timeline: readonly Line[];
}

async function read(api: Api, incident: string): Promise<News> {
  const id = encodeURIComponent(incident);
  const row = await api.get<{ incident: IncidentRow } | IncidentRow>(`/api/v1/incidents/${id}`);
  const { timeline } = await api.get<{ timeline: readonly Line[] }>(`/api/v1/incidents/${id}/timeline`);
  return { incident: 'incident' in row ? row.incident : row, timeline };
}

function plain(cli: Cli, row: IncidentRow, fresh: readonly Line[], lastNext: string): string {
  const key = JSON.stringify([row.phase, row.next?.what, row.next?.at]);
  if (cli.json) {
    for (const line of fresh) cli.document({ type: 'line', incident: row.id, ...line });
    if (key !== lastNext) cli.document({ type: 'state', incident: row.id, phase: row.phase, next: row.next ?? null });
    return key;
  }
  for (const line of fresh) cli.say(logLine(cli, line, cli.now()));
  if (key !== lastNext && row.resolved_at === null) cli.say(`${shortTime(cli.now(), cli.now())}  ${incidentNext(cli, row, cli.now())}`);
  return key;
}
