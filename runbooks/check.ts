import { loadSite } from '../activities/platform/site/index.ts';
import type { Finding } from '../workflows/domain/finding.ts';
import type { Site } from '../workflows/domain/site.ts';
import { crossCheck } from './check/cross.ts';
import { loadRunbooks, type Library } from './library.ts';

export interface Checked {
  readonly site: Site | null;
  readonly library: Library;
  /** Errors and warnings of every file, by file and line. */
  readonly problems: readonly Finding[];
}

/** Validates a whole site: its files, every runbook, and what one file says about another. */
export async function checkSite(folder: string): Promise<Checked> {
  const { site, problems } = await loadSite(folder);
  if (site === null) return { site, library: { runbooks: [], problems: [] }, problems: sorted(problems) };
  const library = await loadRunbooks(site.runbooks);
  return { site, library, problems: sorted([...problems, ...library.problems, ...crossCheck(site, library)]) };
}

function sorted(problems: readonly Finding[]): Finding[] {
  return problems.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));
}
