import { join } from 'node:path';
import { pinnedNode } from './setup/node.mjs';
import { root } from './setup/root.mjs';
import { pathWithPackages, run } from './setup/run.mjs';

const tools = {
  types: ['typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  lint: ['oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
  format: ['oxfmt/bin/oxfmt', '--check'],
  unused: ['knip/bin/knip.js', '--no-progress'],
};

/** Types, lint, format and unused code; answers how many of them complain. */
export async function check() {
  const node = await pinnedNode();
  let failed = 0;
  for (const [name, [file, ...args]] of Object.entries(tools)) {
    const begin = Date.now();
    const { code, output } = await run(node, [join(root, 'node_modules', file), ...args], {
      env: { ...process.env, PATH: pathWithPackages() },
    });
    const seconds = ((Date.now() - begin) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
    if (code === 0) continue;
    failed += 1;
    console.log(output.trim().slice(-12_000));
  }
  return failed;
}
