import { createInterface } from 'node:readline/promises';
import type { Risk } from '../../workflows/domain/words.ts';
import { TocsinError } from '../../activities/platform/errors.ts';
import type { Cli } from './cli.ts';
import { safe } from './safe.ts';

export interface Danger {
  readonly risk: Risk;
  /** The sentence of consequence, shown before anything is asked. */
  readonly what: string;
  /** What must be typed for a destructive act. */
  readonly target: string;
}

/**
 * Agreement in proportion to the risk: nothing for a read, y/N for a change, the target's name for destruction.
 * Off a terminal `--yes` or `--confirm=NAME` take the place of the answer. Throws `E-CONFIRM` (exit 8) when it is not given.
 */
export async function agree(cli: Cli, danger: Danger): Promise<void> {
  if (danger.risk === 'read') return;
  if (danger.risk === 'destructive') return typed(cli, danger);
  if (cli.yes) return;
  if (!cli.terminal.interactive) throw refused(danger, '--yes', 'add --yes if you mean it');
  const answer = await ask(cli, cli.word('ask_change', { what: danger.what }));
  if (!/^y(es)?$|^是$/i.test(answer)) throw refused(danger, 'y', 'nothing was done');
}

async function typed(cli: Cli, danger: Danger): Promise<void> {
  const need = `--confirm=${danger.target}`;
  if (cli.confirm === danger.target) return;
  if (cli.confirm !== null) throw refused(danger, need, `you confirmed "${cli.confirm}"; it must be ${need}`);
  if (!cli.terminal.interactive) throw refused(danger, need, `add ${need} if you mean it`);
  cli.hint(safe(danger.what));
  const answer = await ask(cli, cli.word('ask_type', { name: danger.target }));
  if (answer !== danger.target) throw refused(danger, need, 'nothing was done');
}

function refused(danger: Danger, need: string, hint: string): TocsinError {
  return new TocsinError(`not started, agreement is missing: ${danger.what}; it needs ${need}`, { code: 'E-CONFIRM', hint });
}

async function ask(cli: Cli, question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await reader.question(question, { signal: cli.interrupted })).trim();
  } catch {
    throw new TocsinError('interrupted: you pressed Ctrl-C', { code: 'E-INTERRUPTED' });
  } finally {
    reader.close();
  }
}
