import { reportLines, testRunbooks as play } from '../../runbooks/test/index.ts';
import type { Cli } from './cli.ts';
import { exit } from './exit.ts';
import { safe } from './safe.ts';

/** Plays the tests of these files, or of every runbook folder of the site. Exit 1 when one fails. */
export async function testRunbooks(cli: Cli, files: readonly string[]): Promise<number> {
  const report = await play(files.length > 0 ? files : (await cli.site()).runbooks);
  const code = report.failed > 0 ? exit.failed : exit.done;
  if (cli.json) cli.document({ ok: report.failed === 0, ...report });
  else if (cli.quiet) cli.say(`${report.passed} passed, ${report.failed} failed`);
  else for (const line of reportLines(report, { from: cli.cwd })) cli.say(safe(line));
  return code;
}
