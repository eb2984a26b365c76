import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { TocsinError } from '../activities/platform/errors.ts';
import { readYaml } from '../activities/platform/yaml/yaml.ts';
import type { Plan } from '../workflows/core/plan.ts';
import type { Finding } from '../workflows/domain/finding.ts';
import { nearest } from '../workflows/domain/nearest.ts';
import { compileDocument } from './language/compile.ts';
import { inRange } from './language/version.ts';

export interface Runbook {
  readonly name: string;
  readonly version: number;
  /** Absolute path. */
  readonly file: string;
  readonly plan: Plan;
  readonly hash: string;
}

export interface Library {
  readonly runbooks: readonly Runbook[];
  readonly problems: readonly Finding[];
}

/** Files below this many are read; more is a folder that is not meant. */
const filesMax = 1_000;
/** Folders of the product that hold code, not runbooks. */
const skipped: ReadonlySet<string> = new Set(['language', 'node_modules', '.git']);

/**
 * Reads every runbook of the folders; of two with the same name and version the one of the earlier folder counts, which is how
 * a site replaces one of the library. Within one folder a name and version may stand once.
 */
export async function loadRunbooks(folders: readonly string[]): Promise<Library> {
  const runbooks = new Map<string, Runbook>();
  const problems: Finding[] = [];
  for (const folder of folders) {
    const here = new Map<string, Runbook>();
    const { files, found } = await runbookFiles(folder);
    problems.push(...found);
    for (const { runbook, problems: own } of await Promise.all(files.map(readRunbook))) {
      problems.push(...own);
      if (runbook === null) continue;
      const key = `${runbook.name}@${runbook.version}`;
      const twin = here.get(key);
      if (twin !== undefined) problems.push(twice(runbook, twin));
      else here.set(key, runbook);
    }
    for (const [key, runbook] of here) if (!runbooks.has(key)) runbooks.set(key, runbook);
  }
  return { runbooks: [...runbooks.values()].toSorted(byNameAndVersion), problems };
}

/** Reads one file. `runbook` is `null` when there is any error. */
export async function readRunbook(file: string): Promise<{ readonly runbook: Runbook | null; readonly problems: readonly Finding[] }> {
  const { plan, hash, problems } = compileDocument(await readYaml(file), { file });
  if (plan === null || hash === null) return { runbook: null, problems };
  return { runbook: { name: plan.runbook, version: plan.version, file, plan, hash }, problems };
}

/**
 * The newest runbook of that name within `range` (`">=2"`).
 * @throws TocsinError `E-RUNBOOK-UNKNOWN`, with the nearest name
 */
export function findRunbook(library: Pick<Library, 'runbooks'>, name: string, range: string | null = null): Runbook {
  const named = library.runbooks.filter((runbook) => runbook.name === name);
  const found = named.filter(({ version }) => range === null || inRange(version, range)).at(-1);
  if (found !== undefined) return found;
  if (named.length > 0) {
    throw new TocsinError(
      `cannot find runbook "${name}" in version "${range}": there is ${named.map(({ version }) => version).join(', ')}`,
      { code: 'E-RUNBOOK-VERSION', hint: 'widen the range or add the version' },
    );
  }
  const near = nearest(
    name,
    library.runbooks.map((runbook) => runbook.name),
  );
  throw new TocsinError(`cannot find runbook "${name}"`, {
    code: 'E-RUNBOOK-UNKNOWN',
    hint: near === null ? 'tocsin runbook list shows what there is; a file with errors is not in the list' : `did you mean "${near}"?`,
  });
}

/** `*.yaml` below the folder, without tests; nothing that leads out of the folder through a link. */
export async function runbookFiles(folder: string): Promise<{ readonly files: readonly string[]; readonly found: readonly Finding[] }> {
  const found: Finding[] = [];
  let root: string;
  try {
    root = await realpath(folder);
  } catch {
    return {
      files: [],
      found: [finding(folder, 'E-FOLDER', 'the folder does not exist', 'create it, or remove it from "runbooks" in site.yaml')],
    };
  }
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    const inner = path.relative(root, entry.parentPath).split(path.sep);
    if (!isRunbook(entry.name) || inner.some((name) => skipped.has(name))) continue;
    const real = await realpath(file).catch(() => null);
    if (real === null || !`${real}`.startsWith(`${root}${path.sep}`))
      found.push(finding(file, 'E-LINK', 'the file is a link that leads out of the folder', 'put a copy of it into the folder'));
    else files.push(file);
  }
  if (files.length > filesMax)
    return {
      files: [],
      found: [
        ...found,
        finding(
          folder,
          'E-FOLDER',
          `the folder holds ${files.length} YAML files, the limit is ${filesMax}`,
          'point "runbooks" at the folder that holds runbooks only',
        ),
      ],
    };
  return { files: files.toSorted(), found };
}

function isRunbook(name: string): boolean {
  return /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name) && !name.startsWith('.');
}

function byNameAndVersion(a: Runbook, b: Runbook): number {
  return a.name === b.name ? a.version - b.version : a.name < b.name ? -1 : 1;
}

function twice(runbook: Runbook, twin: Runbook): Finding {
  return finding(
    runbook.file,
    'E-DUPLICATE-NAME',
    `runbook "${runbook.name}" version ${runbook.version} stands twice; the other is ${twin.file}`,
    'rename one, or give it another version',
  );
}

function finding(file: string, code: string, message: string, hint: string): Finding {
  return { file, line: 1, column: 1, level: 'error', code, message, hint };
}
