import type { Cli } from './cli.ts';
import { exit } from './exit.ts';
import { safe } from './safe.ts';

/** Plays `*.test.yaml`: the files given, else all below the runbook folders of the site. Exit 1 when a promise does not hold or a file cannot be read. */
export async function testRunbooks(cli: Cli, files: readonly string[]): Promise<number> {
  const { reportLines, testRunbooks: play } = await import('../../runbooks/test/index.ts');
  const report = await play(files.length > 0 ? files : (await cli.site()).runbooks);
  if (cli.json) cli.document(report);
  else for (const line of reportLines(report, { from: cli.cwd })) cli.say(safe(line));
  return report.failed > 0 ? exit.failed : exit.done;
}
