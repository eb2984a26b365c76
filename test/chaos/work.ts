import type { Host } from '../../workflows/domain/site.ts';

/** One job of the chaos run, as its clients read it from a file. */
export interface Work {
  readonly key: string;
  readonly host: Host;
  readonly argv: readonly string[];
  readonly lines: number;
}

/** Writes begin and end into a journal outside the ledger, prints known lines on both streams, ends with 5. */
export function workFor(options: {
  readonly key: string;
  readonly host: Host;
  readonly lines: number;
  readonly pause: string;
  readonly journal: string;
}): Work {
  const { key, host, lines, pause, journal } = options;
  const program =
    'echo "begin $1" >>"$4"; i=0; while [ $i -lt "$2" ]; do echo "$1 out $i"; echo "$1 err $i" >&2; i=$((i + 1)); [ $((i % 10)) -ne 0 ] || sleep "$3"; done; echo "end $1" >>"$4"; exit 5';
  return { key, host, lines, argv: ['sh', '-c', program, 'work', key, String(lines), pause, journal] };
}

export function expected(work: Work, stream: 'out' | 'err'): string {
  return Array.from({ length: work.lines }, (_, at) => `${work.key} ${stream} ${at}\n`).join('');
}

/** What a client noted at the end of one job. */
export interface Note {
  readonly state: string;
  readonly exit: number | null;
  readonly why: string;
}
