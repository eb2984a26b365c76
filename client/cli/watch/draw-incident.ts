import type { Cli } from '../cli.ts';
import { clock } from '../duration.ts';
import { cut, safe } from '../safe.ts';
import type { IncidentRow } from '../wire.ts';
import { moment, shortTime } from '../wire.ts';
import { incidentNext } from './next.ts';

/** Severity, title, who has it, and the next event with its countdown. */
export function drawIncident(cli: Pick<Cli, 'word' | 'ink' | 'terminal' | 'language'>, row: IncidentRow, now: number): string[] {
  const who = row.commander ?? row.acknowledged_by ?? null;
  const held = who === null ? cli.ink('red', cli.word('nobody_has_it')) : cli.word('held_by', { who });
  const since = clock((moment(row.resolved_at) ?? now) - (moment(row.opened_at) ?? now));
  const head = cut(
    ` ${row.severity.toUpperCase()}  ${row.id}  ${safe(row.title)}  ${row.phase.toUpperCase()}  ${since}`,
    cli.terminal.columns,
  );
  const over = moment(row.resolved_at) !== null;
  return [
    cli.ink('bold', head),
    ` ${held}${row.run ? `   run ${safe(row.run)}` : ''}   opened ${shortTime(row.opened_at, now)}`,
    ...(over ? [] : [` ${safe(incidentNext(cli, row, now))}`]),
  ];
}
