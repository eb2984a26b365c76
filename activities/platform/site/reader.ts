import { stat } from 'node:fs/promises';
import type { Finding } from '../../../workflows/domain/finding.ts';
import type { Site } from '../../../workflows/domain/site.ts';
import { TocsinError } from '../errors.ts';
import { loadSite } from './load.ts';

export interface SiteReader {
  /** The site as read last without an error. */
  readonly site: () => Site;
  /** Looks at the files now and waits until a change is read. */
  readonly refresh: () => Promise<void>;
  readonly close: () => void;
}

export interface SiteReaderOptions {
  /** Told once for each broken state of the files; the last good site stays in force. */
  readonly onProblem?: (problems: readonly Finding[]) => void;
  readonly onChange?: (site: Site) => void;
  /** How often the files are looked at. */
  readonly every_ms?: number;
}

/**
 * A site that follows its files. The first reading must succeed; afterwards a broken file changes nothing but is told.
 * @throws TocsinError `E-SITE` with every error of the first reading
 */
export async function siteReader(folder: string, { onProblem, onChange, every_ms = 1_000 }: SiteReaderOptions = {}): Promise<SiteReader> {
  const first = await loadSite(folder);
  if (first.site === null) throw siteError(folder, first.problems);
  let site = first.site;
  let { files } = first;
  let seen = await stamp(files);
  let work: Promise<void> | null = null;

  async function look(): Promise<void> {
    const now = await stamp(files);
    if (now === seen) return;
    // The stamp from before the reading: a file that changes meanwhile is read again at the next look.
    seen = now;
    const loaded = await loadSite(folder);
    if (loaded.files.join() !== files.join()) {
      files = loaded.files;
      seen = await stamp(files);
    }
    if (loaded.site === null) return onProblem?.(loaded.problems);
    site = loaded.site;
    onChange?.(site);
  }

  function refresh(): Promise<void> {
    work ??= look().finally(() => (work = null));
    return work;
  }

  const timer = setInterval(() => void refresh().catch(() => undefined), every_ms);
  timer.unref();
  return { site: () => site, refresh, close: () => clearInterval(timer) };
}

export function siteError(folder: string, problems: readonly Finding[]): TocsinError {
  const errors = problems.filter(({ level }) => level === 'error');
  const lines = errors.slice(0, 10).map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const more = errors.length > 10 ? `\n… and ${errors.length - 10} more` : '';
  return new TocsinError(`cannot use the site "${folder}":\n${lines.join('\n')}${more}`, {
    code: 'E-SITE',
    hint: errors[0]?.hint ?? 'correct the files; tocsin check shows all of it',
  });
}

/** Times and sizes of the files; an absent one counts too, since it may appear. */
async function stamp(files: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
        () => '-',
      ),
    ),
  );
  return parts.join(' ');
}
