import { stat } from 'node:fs/promises';
import { TocsinError } from '../activities/platform/errors.ts';
import type { Plan } from '../workflows/core/plan.ts';
import type { Finding } from '../workflows/domain/finding.ts';
import type { Site } from '../workflows/domain/site.ts';
import type { Json } from '../workflows/domain/words.ts';
import { bind, type Bound } from './bind.ts';
import { findRunbook, loadRunbooks, runbookFiles, type Library, type Runbook } from './library.ts';

/** A runbook that can be started. */
export interface Loaded {
  readonly name: string;
  readonly plan: Plan;
  readonly hash: string;
  /** Absolute path of its file. */
  readonly path: string;
}

/** The runbooks of a site, kept compiled so that an alarm never waits for a file; a changed file is seen within a second or two. */
export interface Shelf {
  /** The newest version of each, as compiled last; costs nothing. */
  readonly all: () => readonly Loaded[];
  /** What is wrong with files that cannot be started. */
  readonly problems: () => readonly Finding[];
  /** @throws TocsinError `E-NOT-FOUND` with the nearest name and, when a file of it is broken, what is wrong with it */
  readonly get: (name: string) => Loaded;
  /** Over the inventory as it is now. @throws TocsinError `E-INPUT`, `E-TARGET` */
  readonly bind: (loaded: Pick<Loaded, 'plan'>, inputs: { readonly [name: string]: Json }) => Bound;
  /** Looks at the files now; resolves when what they say counts. */
  readonly refresh: () => Promise<void>;
  readonly close: () => void;
}

export interface ShelfOptions {
  readonly site: () => Site;
  /** How often the files are looked at; 0 = only when asked. */
  readonly watch_ms?: number;
  readonly onError?: (error: Error) => void;
  readonly now?: () => number;
}

/** Reads the runbooks of the site once and keeps them current. */
export async function openShelf(options: ShelfOptions): Promise<Shelf> {
  let library: Library = { runbooks: [], problems: [] };
  let newest: readonly Loaded[] = [];
  let seen = '';
  let busy: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function look(): Promise<void> {
    const folders = options.site().runbooks;
    const sign = await signature(folders);
    if (sign === seen) return;
    library = await loadRunbooks(folders);
    newest = newestOf(library.runbooks);
    seen = sign;
  }

  function refresh(): Promise<void> {
    busy ??= look().finally(() => {
      busy = null;
    });
    return busy;
  }

  function schedule(): void {
    const watch_ms = options.watch_ms ?? 1_000;
    if (watch_ms === 0) return;
    timer = setTimeout(() => {
      refresh()
        .catch((error: Error) => options.onError?.(error))
        .finally(() => {
          if (timer !== null) schedule();
        });
    }, watch_ms);
    timer.unref();
  }

  await refresh();
  schedule();
  return {
    all: () => newest,
    problems: () => library.problems.filter((finding) => finding.level === 'error'),
    get(name) {
      const found = newest.find((one) => one.name === name);
      return found ?? toLoaded(missing(library, name));
    },
    bind: ({ plan }, inputs) => bind({ plan, inputs, nodes: options.site().hosts, now: (options.now ?? Date.now)() }),
    refresh,
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}

function missing(library: Library, name: string): Runbook {
  try {
    return findRunbook(library, name);
  } catch (error) {
    const file = library.problems.find(
      (finding) => finding.level === 'error' && new RegExp(`[/\\\\]${escape(name)}\\.ya?ml$`).test(finding.file),
    );
    const { message, hint } = error as TocsinError;
    if (file === undefined) throw new TocsinError(message, { code: 'E-NOT-FOUND', ...(hint === null ? {} : { hint }) });
    throw new TocsinError(`${message}: ${file.file}:${file.line}: ${file.message}`, {
      code: 'E-NOT-FOUND',
      hint: file.hint ?? 'tocsin check',
    });
  }
}

function escape(name: string): string {
  return name.replace(/[^a-z0-9_]/gi, '\\$&').replaceAll('_', '[-_]');
}

function toLoaded({ name, plan, hash, file }: Runbook): Loaded {
  return { name, plan, hash, path: file };
}

function newestOf(runbooks: readonly Runbook[]): readonly Loaded[] {
  const byName = new Map<string, Runbook>();
  for (const runbook of runbooks) {
    if ((byName.get(runbook.name)?.version ?? 0) <= runbook.version) byName.set(runbook.name, runbook);
  }
  return [...byName.values()].map(toLoaded);
}

/** Changes when any file of the folders does. */
async function signature(folders: readonly string[]): Promise<string> {
  const lists = await Promise.all(folders.map(async (folder) => (await runbookFiles(folder)).files));
  const marks = await Promise.all(
    lists.flat().map(async (file) => {
      const found = await stat(file).catch(() => null);
      return `${file} ${found?.mtimeMs ?? 0} ${found?.size ?? 0}`;
    }),
  );
  return `${folders.join('\n')}\n\n${marks.join('\n')}`;
}
