import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TocsinError } from '../../activities/platform/errors.ts';
import type { Resolved } from '../../workflows/core/plan.ts';
import type { Node } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import { bind } from '../../runbooks/bind.ts';
import { findRunbook, loadRunbooks, readRunbook, type Library, type Runbook } from '../../runbooks/library.ts';
import type { Cli } from './cli.ts';
import { notFound } from './errors.ts';

// What needs the site's files only, and no server: these must work when everything else is down.

/** Every runbook the site can use: its own before the library's. */
export async function openLibrary(cli: Cli): Promise<Library> {
  return loadRunbooks((await cli.site()).runbooks);
}

/** A runbook by name, or by the path of its file. Throws when it does not compile, with the first finding. */
export async function openRunbook(cli: Cli, word: string): Promise<Runbook> {
  if (!isPath(word)) return findRunbook(await openLibrary(cli), word);
  const file = resolve(cli.cwd, word);
  if (!existsSync(file)) throw notFound(`cannot read the runbook "${word}": there is no such file`, 'tocsin runbook list');
  const { runbook, problems } = await readRunbook(file);
  if (runbook !== null) return runbook;
  const first = problems.find((problem) => problem.level === 'error');
  throw new TocsinError(`cannot use the runbook "${word}": ${first ? `line ${first.line}: ${first.message}` : 'it does not compile'}`, {
    code: 'E-RUNBOOK',
    hint: first?.hint ?? `tocsin runbook lint ${word}`,
  });
}

export function isPath(word: string): boolean {
  return word.includes('/') || /\.ya?ml$/.test(word);
}

export interface Planned extends Runbook {
  readonly inputs: JsonMap;
  readonly targets: Resolved;
}

/** The runbook with its inputs checked and its targets settled over the inventory. Nothing is reached. */
export async function planRunbook(cli: Cli, word: string, inputs: JsonMap): Promise<Planned> {
  const runbook = await openRunbook(cli, word);
  const { hosts } = await cli.site();
  const nodes = hosts.map(({ name, address, tags, vars }): Node => ({ name, address, tags, vars }));
  return { ...runbook, ...bind({ plan: runbook.plan, inputs, nodes, now: cli.now() }) };
}
