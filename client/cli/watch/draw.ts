import type { RunView } from '../../../workflows/messages.ts';
import type { Cli } from '../cli.ts';
import { clock, span } from '../duration.ts';
import { cut, pad, safe } from '../safe.ts';
import type { Line, RunRow } from '../wire.ts';
import { moment, shortTime } from '../wire.ts';
import { line } from '../../../workflows/domain/catalogue/line.ts';
import { nextLine } from './next.ts';
import type { Ink } from '../terminal.ts';

type Drawer = Pick<Cli, 'word' | 'ink' | 'terminal' | 'language'>;
type StepView = RunView['steps'][number];

/** A word, a shape and a colour, so that no state is told by colour alone. */
const marks: Readonly<Record<string, readonly [string, Ink]>> = {
  pending: ['·', 'dim'],
  running: ['>', 'cyan'],
  waiting: ['?', 'yellow'],
  asking: ['?', 'red'],
  ok: ['v', 'green'],
  failed: ['x', 'red'],
  continued: ['!', 'yellow'],
  skipped: ['-', 'dim'],
  undone: ['<', 'yellow'],
};

/** The whole plan, future steps included, and what comes next. At most `rows` lines. */
export function drawRun(cli: Drawer, run: RunRow, now: number, rows: number): string[] {
  const steps = run.state?.steps ?? [];
  const status = run.state?.status ?? run.status;
  const done = steps.filter((step) => !['pending', 'running', 'waiting', 'asking'].includes(step.status)).length;
  const started = moment(run.created_at) ?? now;
  const elapsed = clock((moment(run.ended_at) ?? now) - started);
  const head = `${run.id}  ${safe(run.title)}  ${statusWord(status)}  ${done}/${steps.length}  ${elapsed}${run.mode === 'live' ? '' : `  [${run.mode.toUpperCase()}]`}`;
  const foot = moment(run.ended_at) === null ? nextLine(cli, run.state?.next ?? run.next, run.id, now) : '';
  const shown = windowed(steps, Math.max(3, rows - 3));
  const lines = [
    cli.ink('bold', cut(head, cli.terminal.columns)),
    ...shown.map((step) => (typeof step === 'string' ? cli.ink('dim', step) : stepLine(cli, step, now))),
  ];
  return foot === '' ? lines : [...lines, cli.ink('bold', cut(safe(foot), cli.terminal.columns))];
}

export function stepLine(cli: Drawer, step: StepView, now: number): string {
  const [mark, ink] = marks[step.status] ?? ['·', 'dim'];
  const since = step.started_at === null ? '' : span((step.ended_at ?? now) - step.started_at);
  const many = step.of > 1 ? `${step.done}/${step.of} ` : '';
  const text = ` ${mark} ${pad(cut(safe(step.title), 44), 44)} ${pad(step.status, 9)} ${many}${since}${step.problem ? `  ${safe(step.problem)}` : ''}`;
  return cli.ink(ink, cut(text.trimEnd(), cli.terminal.columns));
}

/** Keeps the steps around the one under way; the rest becomes a count. */
function windowed(steps: readonly StepView[], rows: number): (StepView | string)[] {
  if (steps.length <= rows) return [...steps];
  const active = steps.findIndex((step) => ['running', 'waiting', 'asking', 'pending'].includes(step.status));
  const first = Math.max(0, Math.min((active < 0 ? steps.length : active) - Math.floor(rows / 3), steps.length - rows + 2));
  const kept = steps.slice(first, first + rows - 2);
  return [
    ...(first > 0 ? [`   … ${first} above`] : []),
    ...kept,
    ...(first + kept.length < steps.length ? [`   … ${steps.length - first - kept.length} below`] : []),
  ];
}

export function statusWord(status: string): string {
  return status === 'waiting' ? 'WAITING FOR A PERSON OR A TIME' : status.toUpperCase();
}

/** One line of the timeline: time, place, sentence, who. */
export function logLine(cli: Pick<Cli, 'language'>, row: Line, now: number): string {
  const place = [row.step, row.node].filter(Boolean).join('@');
  const sentence = line(row, { language: cli.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  return safe(`${shortTime(row.at, now)}  ${place === '' ? '' : `${place}: `}${sentence}${row.by ? `  (${row.by})` : ''}`);
}
