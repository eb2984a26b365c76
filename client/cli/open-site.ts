import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from '../../workflows/domain/site.ts';

/** The site of a folder. */
export async function openSite(folder: string): Promise<Site> {
  const { parse } = await import('yaml');
  const raw = parse(readFileSync(join(folder, 'site.yaml'), 'utf8')) as Partial<Site>;
  return { folder, ...raw } as Site;
}
