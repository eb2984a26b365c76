import { build } from './build.mjs';
import { crypto } from './crypto.mjs';
import { debian } from './debian.mjs';
import { engine, timeSkipping } from './engine.mjs';
import { pinnedNode } from './node.mjs';
import { packages } from './packages.mjs';

/** Everything a task needs, in the only order that works. What stands already costs a look. */
export async function prepare(needs) {
  if (needs.debian) await debian(needs.debian);
  await packages();
  await pinnedNode();
  await crypto();
  if (needs.build) await build();
  if (needs.engine) await engine();
  if (needs.timeSkipping) await timeSkipping();
}
