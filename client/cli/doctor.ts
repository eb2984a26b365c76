import { doctor } from '../../worker/doctor.ts';
import type { Cli } from './cli.ts';
import { exit } from './exit.ts';
import { pad, safe } from './safe.ts';

/** One line per thing looked at, and under each fault the command that mends it. Exit 1 when anything is missing. */
export async function tellDoctor(cli: Cli): Promise<number> {
  const checks = await doctor({ site: cli.site, env: cli.environment as NodeJS.ProcessEnv });
  const code = checks.every((check) => check.ok) ? exit.done : exit.failed;
  if (cli.json) {
    cli.document({ ok: code === exit.done, checks });
    return code;
  }
  for (const { check, ok, found, mend } of checks) {
    if (cli.quiet && ok) continue;
    cli.say(`${ok ? cli.ink('green', 'ok  ') : cli.ink('red', 'FAIL')}  ${pad(safe(check), 18)} ${safe(found)}`);
    if (mend !== '') cli.say(`      ${pad('', 18)} next  ${safe(mend)}`);
  }
  return code;
}
