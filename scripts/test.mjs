import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './check.mjs';
import { pinnedNode } from './setup/node.mjs';
import { root } from './setup/root.mjs';
import { pathWithPackages } from './setup/run.mjs';
import { note } from './setup/say.mjs';

const results = join(root, 'dist', 'test-results.json');
const line = join(root, 'dist', 'test-line.txt');
/** A run that hangs says so instead of using up somebody's patience. */
const most_ms = 60 * 60_000;
/** Open handles keep jest alive after its last test; it gets this long to end by itself. */
const linger_ms = 20_000;

/** Checks and tests; with arguments only jest, with these arguments. The last line is `N passed, N failed`. */
export async function test(args) {
  const complaints = args.length === 0 ? await check([]) : 0;
  rmSync(results, { force: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  const code = await jest(args);
  const { passed, failed } = count();
  const broken = failed + complaints + (code !== 0 && failed === 0 ? 1 : 0);
  const closing = `${passed} passed, ${broken} failed`;
  writeFileSync(line, `${closing}\n`);
  console.log(closing);
  return broken === 0 && passed > 0 ? 0 : 1;
}

async function jest(args) {
  const node = await pinnedNode();
  return new Promise((resolve) => {
    const child = spawn(node, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--json', `--outputFile=${results}`, ...args], {
      cwd: root,
      // jest writes its JSON to standard output too when it has a file: people read the other one.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PATH: pathWithPackages(), TZ: 'UTC', FORCE_COLOR: process.stderr.isTTY ? '1' : '0' },
    });
    const limit = setTimeout(() => end('the tests did not end within an hour'), most_ms);
    let lingering;
    const watch = setInterval(() => {
      if (lingering || count().passed + count().failed === 0) return;
      lingering = setTimeout(() => end('jest did not end by itself after the last test: something keeps a handle open'), linger_ms);
    }, 1_000);
    function end(why) {
      note(why);
      child.kill('SIGKILL');
    }
    child.once('close', (code) => {
      for (const timer of [limit, lingering]) clearTimeout(timer);
      clearInterval(watch);
      resolve(code ?? 1);
    });
  });
}

function count() {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(results, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
