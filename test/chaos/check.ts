import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expected, type Note, type Work } from './work.ts';

export interface Verdict {
  readonly jobs: number;
  readonly ran_once: number;
  readonly ran_never: number;
  readonly ran_twice: number;
  readonly done: number;
  readonly unknown: number;
  /** `done` although it did not run to its end, or with another exit status. */
  readonly wrong_done: number;
  /** `unknown` although neither its runner was killed nor its host. */
  readonly wrong_unknown: number;
  readonly lost_or_repeated_bytes: number;
  readonly unfinished: number;
  readonly details: readonly string[];
}

export interface CheckOptions {
  readonly works: readonly Work[];
  /** Folders of the clients; each did every job. */
  readonly clients: readonly string[];
  /** Lines of the journals of all hosts. */
  readonly journal: readonly string[];
  /** Jobs whose runner or host was killed. */
  readonly excused: ReadonlySet<string>;
}

/** Compares what the clients say with what the world saw. */
export function check(options: CheckOptions): Verdict {
  const seen = new Map<string, number>();
  for (const line of options.journal) seen.set(line, (seen.get(line) ?? 0) + 1);
  const count = {
    ran_once: 0,
    ran_never: 0,
    ran_twice: 0,
    done: 0,
    unknown: 0,
    wrong_done: 0,
    wrong_unknown: 0,
    lost_or_repeated_bytes: 0,
    unfinished: 0,
  };
  const details: string[] = [];
  for (const work of options.works) {
    const begun = seen.get(`begin ${work.key}`) ?? 0;
    const ended = seen.get(`end ${work.key}`) ?? 0;
    count[begun === 0 ? 'ran_never' : begun === 1 ? 'ran_once' : 'ran_twice'] += 1;
    if (begun > 1) details.push(`${work.key} began ${begun} times`);
    for (const own of options.clients) {
      const path = join(own, `${work.key}.note`);
      if (!existsSync(path)) {
        count.unfinished += 1;
        details.push(`${work.key} has no end in ${own}`);
        continue;
      }
      const note = JSON.parse(readFileSync(path, 'utf8')) as Note;
      if (note.state !== 'done') {
        count.unknown += 1;
        if (options.excused.has(work.key)) continue;
        count.wrong_unknown += 1;
        details.push(`${work.key}: ${note.state}: ${note.why}`);
        continue;
      }
      count.done += 1;
      // Killed by its dying machine it may end otherwise; then its status says so and is no lie.
      const whole = begun === 1 && ended === 1 && note.exit === 5;
      if (!whole && !(options.excused.has(work.key) && (note.exit ?? 0) > 128)) {
        count.wrong_done += 1;
        details.push(`${work.key}: done ${note.exit}, begun ${begun}, ended ${ended}`);
      }
      if (whole && !(same(own, work, 'out', 'stdout') && same(own, work, 'err', 'stderr'))) {
        count.lost_or_repeated_bytes += 1;
        details.push(`${work.key}: output differs in ${own}`);
      }
    }
  }
  return { jobs: options.works.length, ...count, details };
}

function same(own: string, work: Work, stream: 'out' | 'err', file: string): boolean {
  return readFileSync(join(own, `${work.key}.${file}`), 'utf8') === expected(work, stream);
}

export function isGood(verdict: Verdict): boolean {
  return verdict.ran_twice + verdict.wrong_done + verdict.wrong_unknown + verdict.lost_or_repeated_bytes + verdict.unfinished === 0;
}
