import { parseArgs } from 'node:util';
import { cutPrograms } from '../activities/platform/ssh/cut.ts';
import { isGood } from './check.ts';
import { chaosJobs } from './jobs.ts';

const usage = 'usage: npm run chaos -- jobs [--kills 1000] [--seed 1] [--json]\n';

/** Everything the keyed job promises, under kills; exit 1 when one promise did not hold. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  if (positionals[0] !== 'jobs') {
    process.stderr.write(usage);
    return 2;
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`killing clients, sshd sessions, runners and hosts ${values.kills} times, seed ${values.seed}`);
  const result = await chaosJobs({ kills: Number(values.kills), seed: Number(values.seed), say });
  say('cutting the programs at every byte, in dash and bash');
  const cuts = ['dash', 'bash --posix'].map((shell) => ({ shell, ...cutPrograms({ shell, step: 1, tail: 0 }) }));
  const started = cuts.reduce((sum, cut) => sum + cut.ran.length, 0);
  for (const line of result.details) say(line);
  const { details: _, ...figures } = result;
  const ok = isGood(result) && started === 0;
  process.stdout.write(
    `${JSON.stringify({ chaos: 'jobs', seed: Number(values.seed), ...figures, cut_points: cuts.reduce((sum, cut) => sum + cut.points, 0), cut_starts: started, ok })}\n`,
  );
  return ok ? 0 : 1;
}

void main().then((code) => {
  process.exitCode = code;
});
