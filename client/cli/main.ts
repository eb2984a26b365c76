import './fast-start.ts';
import { entries } from './commands/index.ts';
import { fourLines, said, usage } from './errors.ts';
import { exit } from './exit.ts';
import { makeProgram } from './program.ts';
import { languageOf, makeCli } from './make-cli.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { Given, CommandSpec } from './spec.ts';

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  const environment = process.env;
  let code: number = exit.done;
  const perform = async (spec: CommandSpec, given: Given, globals: Readonly<Record<string, unknown>>): Promise<void> => {
    code = (await spec.act(makeCli(globals, process), given)) ?? exit.done;
  };
  const program = makeProgram({ entries, language: languageOf(argv, environment), version: version(), perform });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (isHelp(error)) return exit.done;
    return tell(isCommander(error) ? mistyped(error) : error, argv.includes('--json'));
  }
}

/** Errors go to stderr in four lines; with `--json` one document on stdout as well, so that a script has one place to look. */
function tell(error: unknown, json: boolean): number {
  const what = said(error);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ type: what.exit === exit.refused ? 'refused' : 'error', code: what.ref, error: what.error, why: what.why, next: what.next, exit: what.exit })}\n`,
    );
  else process.stderr.write(`${fourLines(what).join('\n')}\n`);
  return what.exit;
}

interface CommanderLike {
  readonly code: string;
  readonly message: string;
}

function isCommander(error: unknown): error is CommanderLike {
  return (
    error instanceof Error &&
    typeof (error as Partial<CommanderLike>).code === 'string' &&
    String((error as Partial<CommanderLike>).code).startsWith('commander.')
  );
}

function isHelp(error: unknown): boolean {
  return isCommander(error) && ['commander.helpDisplayed', 'commander.help', 'commander.version'].includes(error.code);
}

function mistyped(error: CommanderLike): Error {
  const message = error.message.replace(/^error: /, '');
  const option = /unknown option '(-[^']*)'/.exec(message)?.[1];
  if (option === undefined) return usage(`cannot understand the command: ${message}`, 'add --help to the command to see its words');
  const near = nearest(option, optionNames());
  return usage(
    `cannot understand the command: unknown option "${option}"`,
    near ? `did you mean: ${near}` : 'add --help to the command to see its options',
  );
}

function optionNames(): string[] {
  const flags = entries
    .flatMap((entry) => ('commands' in entry ? entry.commands : [entry]))
    .flatMap((spec) => spec.options ?? [])
    .map((option) => option.flags);
  return [...flags, '--json', '--site', '--quiet', '--lang', '--yes', '--confirm', '--no-input', '--timeout', '--as', '--help']
    .flatMap((flag) => flag.split(/[ ,]+/))
    .filter((word) => word.startsWith('--'));
}

function version(): string {
  try {
    // eslint-disable-next-line -- the file stands beside dist, whatever folder we are run from
    return (require('../../../package.json') as { version: string }).version;
  } catch {
    return '0.0.0';
  }
}

// A reader that closes the pipe early (`| head`) is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exit.done : exit.failed));

void main().then((code) => {
  process.exitCode = code;
  // Sockets kept alive by the HTTP client must not hold the shell prompt back.
  process.stdout.write('', () => process.exit(code));
});
