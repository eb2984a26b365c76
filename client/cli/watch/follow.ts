import type { Api } from '../api.ts';
import type { Cli } from '../cli.ts';
import { exit } from '../exit.ts';
import type { Line, RunRow } from '../wire.ts';
import { moment, shortTime } from '../wire.ts';
import { drawRun, logLine } from './draw.ts';
import { makePainter } from './paint.ts';
import { pause, sorted } from './poll.ts';
import { nextLine } from './next.ts';
import { endOf, needsPerson, tellEnd, tellWaits } from './end.ts';

export interface FollowOptions {
  readonly run: string;
  /** Also come back (exit 7) as soon as only a person can move the run. */
  readonly untilPerson: boolean;
  readonly poll_ms?: number;
}

/**
 * Shows a run until it ends, the time is up, or Ctrl-C. Never changes the run.
 * @returns the run's exit code: 0, 1, 3; 6 time is up; 7 waits for a person; 130 let go.
 */
export async function follow(cli: Cli, api: Api, options: FollowOptions): Promise<number> {
  const painter = cli.terminal.live ? makePainter(cli.raw) : null;
  const until = cli.timeout_ms === null ? Infinity : cli.now() + cli.timeout_ms;
  let seq = -1;
  let lastNext = '';
  let lastNews = cli.now();
  let told = false;
  try {
    for (;;) {
      if (cli.interrupted.aborted) return letGo(cli, options.run);
      const news = await read(api, options.run, seq).catch((error: unknown) => sorted(cli, error));
      if (news === null) {
        if (!told && cli.now() - lastNews > 5_000) cli.hint(cli.word('stale', { time: shortTime(lastNews, cli.now()) }));
        told ||= cli.now() - lastNews > 5_000;
      } else {
        lastNews = cli.now();
        told = false;
        seq = news.lines.at(-1)?.seq ?? seq;
        if (painter)
          painter.paint(
            news.lines.map((line) => logLine(cli, line, cli.now())),
            drawRun(cli, news.run, cli.now(), rows()),
          );
        else lastNext = plain(cli, news, lastNext);
        const code = endOf(news.run);
        if (code !== null) return tellEnd(cli, news.run, code);
        if (options.untilPerson && needsPerson(news.run)) return tellWaits(cli, news.run);
      }
      if (cli.now() >= until) return timeUp(cli, options.run, news?.run);
      await pause(options.poll_ms ?? 400, cli.interrupted);
    }
  } finally {
    painter?.close();
  }
}

interface News {
  readonly run: RunRow;
  readonly lines: readonly Line[];
}

async function read(api: Api, run: string, after: number): Promise<News> {
  const id = encodeURIComponent(run);
  // The row first: when it says the run has ended, every line is already there for the second answer.
  const row = await api.get<{ run: RunRow } | RunRow>(`/api/v1/runs/${id}`);
  const lines = await api.get<{ timeline: readonly Line[] } | readonly Line[]>(`/api/v1/runs/${id}/timeline?after=${after}`);
  return { run: 'run' in row ? row.run : row, lines: 'timeline' in lines ? lines.timeline : lines };
}

function plain(cli: Cli, news: News, lastNext: string): string {
  if (cli.json) {
    for (const line of news.lines) cli.document({ type: 'line', run: news.run.id, ...line });
    const state = JSON.stringify({
      status: news.run.state?.status ?? news.run.status,
      next: news.run.state?.next ?? news.run.next ?? null,
    });
    if (state !== lastNext) cli.document({ type: 'state', run: news.run.id, ...(JSON.parse(state) as object) });
    return state;
  }
  for (const line of news.lines) cli.say(logLine(cli, line, cli.now()));
  if (moment(news.run.ended_at) !== null) return lastNext;
  const next = news.run.state?.next ?? news.run.next;
  const key = JSON.stringify([next?.what, next?.step, next?.at]);
  if (next && key !== lastNext) cli.say(`${shortTime(cli.now(), cli.now())}  ${nextLine(cli, next, news.run.id, cli.now())}`);
  return key;
}

function letGo(cli: Cli, run: string): number {
  cli.hint(cli.word('detached', { subject: run }));
  return exit.interrupted;
}

function timeUp(cli: Cli, run: string, row: RunRow | undefined): number {
  if (row && needsPerson(row)) return tellWaits(cli, row);
  if (cli.json) cli.document({ type: 'still_running', run, exit: exit.stillRunning });
  cli.hint(cli.word('timed_out', { subject: run }));
  return exit.stillRunning;
}

function rows(): number {
  return Math.max(8, (process.stdout.rows ?? 24) - 2);
}
