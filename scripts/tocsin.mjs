#!/usr/bin/env node
// The one door of the npm scripts: gets what is missing, builds, and hands over to the pinned Node.
// Runs on Node 18 with nothing installed, so it uses built-in modules only.
import { targets } from './targets.mjs';
import { prepare } from './setup/prepare.mjs';
import { handOver } from './setup/run.mjs';
import { fail } from './setup/say.mjs';

const [task, ...rest] = process.argv.slice(2);
const target = targets[task];
if (target === undefined) {
  console.error(`usage: node scripts/tocsin.mjs <${Object.keys(targets).join('|')}> [arguments]`);
  process.exit(2);
}

try {
  const given = typeof target.arguments === 'function' ? target.arguments(rest) : rest;
  await prepare(target.needs(rest));
  if (target.act) process.exitCode = await target.act(given);
  else if (target.entry) process.exitCode = await handOver(target.entry, given);
} catch (error) {
  fail(error);
  process.exitCode = 1;
}
