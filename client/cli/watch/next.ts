import type { Next } from '../../../workflows/core/run.ts';
import type { CliWord } from '../../../workflows/domain/catalogue/cli.ts';
import type { Cli } from '../cli.ts';
import { clock } from '../duration.ts';

const words: Readonly<Record<string, CliWord>> = {
  step: 'next_step', approval: 'next_approval', decision: 'next_decision', timer: 'next_timer', retry: 'next_retry', lock: 'next_lock', end: 'next_end', page: 'next_page', report: 'next_report',
};

/** "Next: {what} in {countdown} unless {who does what}", or as much of it as is known. */
export function nextLine(cli: Pick<Cli, 'word'>, next: Next | null | undefined, subject: { readonly run?: string; readonly incident?: string }, now: number): string {
  if (!next) return cli.word('nothing_next');
  const code = words[next.what];
  const values = { ...next.values, step: next.step ?? '', to: listed(next.values['to']), name: next.values['name'] ?? next.values['lock'] ?? '' };
  const what = code ? cli.word(code, values) : next.what;
  if (next.at === null) return cli.word('next_now', { what });
  return cli.word('next_at', { what, clock: clock(next.at - now), unless: unless(cli, next, subject) });
}

function unless(cli: Pick<Cli, 'word'>, next: Next, subject: { readonly run?: string; readonly incident?: string }): string {
  if (subject.incident) return cli.word('unless_taken', { incident: subject.incident });
  if (next.what === 'approval' || next.what === 'decision') return cli.word('unless_approved');
  return cli.word('unless_stopped', { run: subject.run ?? '' });
}

function listed(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value ?? '');
}
