import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TocsinError } from '../../activities/platform/errors.ts';

/** Absolute folder of the site. Throws `E-NO-SITE` that says where it looked. */
export function findSite(from: { readonly typed: string | null; readonly environment: string | undefined; readonly cwd: string }): string {
  const named = from.typed ?? from.environment;
  if (named !== undefined && named !== '') {
    const folder = resolve(from.cwd, named.endsWith('site.yaml') ? dirname(named) : named);
    if (existsSync(join(folder, 'site.yaml'))) return folder;
    throw new TocsinError(`cannot find the site "${named}": there is no site.yaml in that folder`, {
      code: 'E-NO-SITE',
      hint: `tocsin init ${named}`,
    });
  }
  for (let folder = resolve(from.cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'site.yaml'))) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new TocsinError('cannot find a site: no site.yaml here or in a folder above', {
    code: 'E-NO-SITE',
    hint: 'tocsin init my-site   or   --site FOLDER   or   export TOCSIN_SITE=FOLDER',
  });
}
