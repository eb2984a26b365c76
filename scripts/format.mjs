import { join } from 'node:path';
import { pinnedNode } from './setup/node.mjs';
import { root } from './setup/root.mjs';
import { passThrough } from './setup/run.mjs';

/** Writes every file as the house wants it. */
export async function format(args) {
  return passThrough(await pinnedNode(), [join(root, 'node_modules', 'oxfmt', 'bin', 'oxfmt'), ...(args.length > 0 ? args : [root])]);
}
