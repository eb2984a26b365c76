import { loadSite, siteError } from '../../activities/platform/site/index.ts';
import type { Site } from '../../workflows/domain/site.ts';

/** The site of a folder, read once. Throws `E-SITE` with every error of its files. */
export async function openSite(folder: string): Promise<Site> {
  const { site, problems } = await loadSite(folder);
  if (site === null) throw siteError(folder, problems);
  return site;
}
