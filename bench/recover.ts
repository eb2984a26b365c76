import { openRecoveries, victims } from '../test/support/recover.ts';
import type { Recovery, Victim } from '../test/support/recover.ts';
import { atMost, numberFlag, percentile, round } from './report.ts';
import type { BenchOptions, Measured } from './report.ts';

/** Seconds allowed from the begin of the restart to the next step. */
const allowed: Readonly<Record<Victim, number>> = { worker: 5, engine: 10, everything: 20 };

/** kill -9 in mid-step, on the product as `tocsin up` runs it and a real host: how long until the next step runs, and did the command run once. */
export async function bench({ args, say }: BenchOptions): Promise<Measured> {
  const rounds = numberFlag(args, 'rounds', 5);
  const recoveries = await openRecoveries();
  const seen: Recovery[] = [];
  try {
    for (const victim of victims) {
      for (let round = 0; round < rounds; round += 1) {
        const one = await recoveries.once(victim);
        say(`kill -9 of ${victim}: next step after ${one.seconds} s, ${one.lines.join(' ')}, run ${one.status}`);
        seen.push(one);
      }
    }
  } finally {
    await recoveries.close();
  }
  const wrong = seen.filter(({ lines, status }) => lines.join(' ') !== 'begun ended after' || status !== 'ok').length;
  const secondsOf = (victim: Victim) => seen.filter((one) => one.victim === victim).map(({ seconds }) => seconds);
  return {
    figures: {
      rounds,
      ...Object.fromEntries(
        victims.map((victim) => [
          `${victim}_s`,
          { p50: round(percentile(secondsOf(victim), 0.5)), most: Math.max(...secondsOf(victim)), all: secondsOf(victim) },
        ]),
      ),
      runs_not_exactly_once: wrong,
    },
    bars: [
      ...victims.map((victim) => atMost(`kill -9 of ${victim}, slowest`, Math.max(...secondsOf(victim)), allowed[victim], 's')),
      atMost('commands that did not run exactly once', wrong, 0, ''),
    ],
  };
}
