import type { Next } from '../../../workflows/core/run.ts';
import type { CliWord } from '../../../workflows/domain/catalogue/cli.ts';
import type { Cli } from '../cli.ts';
import { nextLine as incidentLine } from '../../../workflows/domain/catalogue/line.ts';
import type { IncidentRow } from '../wire.ts';
import { clock } from '../duration.ts';

const words: Readonly<Record<string, CliWord>> = {
  step: 'next_step', approval: 'next_approval', decision: 'next_decision', timer: 'next_timer', retry: 'next_retry', lock: 'next_lock', end: 'next_end', page: 'next_page', report: 'next_report',
};

/** "Next: {what} in {countdown} unless {who does what}", or as much of it as is known. */
export function nextLine(cli: Pick<Cli, 'word'>, next: Next | null | undefined, run: string, now: number): string {
  if (!next) return cli.word('nothing_next');
  const code = words[next.what];
  const values = { ...next.values, step: next.step ?? '', to: listed(next.values['to']), name: next.values['name'] ?? next.values['lock'] ?? '' };
  const what = code ? cli.word(code, values) : next.what;
  if (next.at === null) return cli.word('next_now', { what });
  return cli.word('next_at', { what, clock: clock(next.at - now), unless: unless(cli, next, run) });
}

function unless(cli: Pick<Cli, 'word'>, next: Next, run: string): string {
  if (next.what === 'approval' || next.what === 'decision') return cli.word('unless_approved');
  return cli.word('unless_stopped', { run });
}

function listed(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value ?? '');
}

/** The same sentence of an incident: who is paged next, in how long, unless who does what. */
export function incidentNext(cli: Pick<Cli, 'word' | 'language'>, row: IncidentRow, now: number): string {
  if (!row.next) return cli.word('nothing_next');
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return incidentLine(row.next, now, { language: cli.language, timezone });
}
