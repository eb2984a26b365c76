import type { Next } from '../../../workflows/core/run.ts';
import type { CliWord } from '../../../workflows/domain/catalogue/cli.ts';
import { nextLine as incidentLine } from '../../../workflows/domain/catalogue/line.ts';
import type { Cli } from '../cli.ts';
import { clock } from '../duration.ts';
import type { IncidentRow } from '../wire.ts';

type Speaker = Pick<Cli, 'word'>;

const words: Readonly<Record<string, CliWord>> = {
  step: 'next_step',
  approval: 'next_approval',
  decision: 'next_decision',
  timer: 'next_timer',
  retry: 'next_retry',
  lock: 'next_lock',
  undo: 'next_undo',
  end: 'next_end',
};
/** What an approval that nobody gives turns into. */
const defaults: Readonly<Record<string, CliWord>> = {
  approve: 'next_then_approve',
  reject: 'next_then_reject',
  escalate: 'next_then_escalate',
};

/** "Next: {what} in {countdown} unless {who does what}" of a run, or as much of it as is known. */
export function nextLine(cli: Speaker, next: Next | null | undefined, run: string, now: number): string {
  if (!next) return cli.word('nothing_next');
  const values = valuesOf(cli, next, run);
  const then = next.at === null ? undefined : defaults[String(next.values['then'])];
  const code = then ?? words[next.what];
  const what = code === undefined ? next.what : cli.word(code, values);
  if (next.at === null) return cli.word('next_now', { what });
  const asks = next.what === 'approval' || next.what === 'decision';
  return cli.word('next_at', { what, clock: clock(next.at - now), unless: cli.word(asks ? 'unless_answered' : 'unless_stopped', values) });
}

function valuesOf(cli: Speaker, next: Next, run: string): Record<string, unknown> {
  const { role, moves, title, name } = next.values;
  return {
    ...next.values,
    run,
    step: next.step ?? 'start',
    title: title ?? next.step ?? '',
    name: name ?? '',
    role: role ?? cli.word('somebody'),
    moves: Array.isArray(moves) ? moves.join(', ') : '',
  };
}

/** The same sentence of an incident: who is paged next, in how long, unless who does what. */
export function incidentNext(cli: Pick<Cli, 'word' | 'language'>, row: IncidentRow, now: number): string {
  if (!row.next) return cli.word('nothing_next');
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return incidentLine(row.next, now, { language: cli.language, timezone });
}
