import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { openSite } from '../client/cli/open-site.ts';
import type { Site } from '../workflows/domain/site.ts';

export interface LiveSite {
  /** As read last. A file that became wrong changes nothing until it is right again. */
  readonly site: () => Site;
  readonly close: () => void;
}

export interface LiveSiteOptions {
  readonly folder: string;
  readonly log: Logger;
  /** How often the files are looked at. */
  readonly watch_ms?: number;
  /** Told after a change was read. */
  readonly onChange?: (now: Site, before: Site) => void;
}

/** The site, kept current while its files change under us. Throws when it cannot be read at all. */
export async function openLiveSite({ folder, log, watch_ms = 1_000, onChange }: LiveSiteOptions): Promise<LiveSite> {
  let mark = markOf(folder);
  let site = await openSite(folder);
  let reading = false;

  async function look(): Promise<void> {
    const seen = markOf(folder);
    if (reading || seen === mark) return;
    reading = true;
    mark = seen;
    try {
      const before = site;
      site = await openSite(folder);
      onChange?.(site, before);
      log.info({ folder }, 'the site was read again');
    } catch (error) {
      log.warn({ err: error, folder }, 'the changed site cannot be read: the one before stays in force');
    } finally {
      reading = false;
    }
  }

  const timer = setInterval(() => void look(), watch_ms).unref();
  return { site: () => site, close: () => clearInterval(timer) };
}

/** Names, sizes and times of the site's own files; an inventory elsewhere is read again with the next change here. */
function markOf(folder: string): string {
  const files = readdirSync(folder).filter((name) => /\.(ya?ml|ini|cfg)$|known_hosts/.test(name)).toSorted();
  return files.map((name) => {
    const { mtimeMs, size } = statSync(join(folder, name));
    return `${name} ${mtimeMs} ${size}`;
  }).join('\n');
}
