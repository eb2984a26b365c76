import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { handOver } from './setup/run.mjs';
import { root } from './setup/root.mjs';

/** `npm start`: the platform on your site; without one, a fresh site to begin with. */
export async function start(args) {
  const at = args.findIndex((word) => word === '--site');
  const named = at >= 0 ? args[at + 1] : (args.find((word) => word.startsWith('--site='))?.slice(7) ?? process.env.TOCSIN_SITE);
  const here = process.env.INIT_CWD ?? process.cwd();
  const site = named ? resolve(here, named) : existsSync(join(here, 'site.yaml')) ? here : join(root, 'site');
  if (!existsSync(join(site, 'site.yaml'))) {
    const code = await handOver('client/cli/main.js', ['init', site]);
    if (code !== 0) return code;
  }
  const rest = args.filter((word, n) => !word.startsWith('--site') && !(at >= 0 && n === at + 1));
  return handOver('client/cli/main.js', ['up', '--site', site, ...rest]);
}
