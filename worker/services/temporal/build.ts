import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { findOnPath, inspectBinary } from './binary.ts';
import { withLock } from '../lock.ts';
import { spawnBound } from '../process.ts';
import type { Say } from './supply.ts';
import { pinned } from './version.ts';

const goModule = `github.com/temporalio/cli/cmd/temporal@v${pinned.cli}`;
const versionSymbol = 'github.com/temporalio/cli/temporalcli.Version';
/** Measured on two cores; only a hint in the progress line. */
const expected = { seconds: 360, packages: 1_900 } as const;

export interface BuildOptions {
  readonly target: string;
  readonly say: Say;
  readonly env: NodeJS.ProcessEnv;
}

/** Builds the pinned server from its published Go module, once. Answers why not, or `null` when it worked. */
export async function buildTemporal(options: BuildOptions): Promise<string | null> {
  const go = findOnPath('go', options.env);
  if (go === null) return 'the program "go" is not on PATH';
  const waiting = everySeconds(5, (holder: { pid: number }, waited: number) =>
    options.say(`another start (pid ${holder.pid}) is building Temporal: waiting, ${waited} s`),
  );
  return withLock(`${options.target}.build`, waiting, async () => {
    // The one we waited for may have done the work.
    if ((await inspectBinary(options.target)) !== null) return null;
    return build(go, options);
  });
}

async function build(go: string, options: BuildOptions): Promise<string | null> {
  mkdirSync(dirname(options.target), { recursive: true });
  const work = mkdtempSync(join(dirname(options.target), '.build-'));
  try {
    const failure = await install(go, work, options);
    if (failure !== null) return failure;
    const made = join(work, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
    const binary = await inspectBinary(made);
    if (binary?.server !== pinned.server)
      return `the build gave server ${binary?.server ?? 'nothing that runs'} instead of ${pinned.server}`;
    renameSync(made, options.target);
    return null;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function install(go: string, work: string, options: BuildOptions): Promise<string | null> {
  const begin = Date.now();
  const count = { downloaded: 0, compiled: 0 };
  let last = '';
  const report = everySeconds(4, () => {
    const seconds = Math.round((Date.now() - begin) / 1000);
    options.say(
      `building Temporal ${pinned.cli} with Go, once: ${count.downloaded} modules fetched, ${count.compiled} of about ${expected.packages} packages compiled, ${seconds} s of about ${expected.seconds} s`,
    );
  });
  return new Promise((resolve) => {
    const child = spawnBound({
      command: go,
      args: ['install', '-v', '-ldflags', `-s -w -X ${versionSymbol}=${pinned.cli}`, goModule],
      onParentDeath: 'SIGTERM',
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: work,
      env: { ...options.env, GOBIN: work, GOFLAGS: '-buildvcs=false', GOWORK: 'off', GOOS: '', GOARCH: '' },
    });
    const timer = setInterval(report, 1_000);
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (line.startsWith('go: downloading')) count.downloaded += 1;
      else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) count.compiled += 1;
      else last = line;
    });
    child.once('error', (error) => finish(error.message));
    child.once('close', (code, signal) => finish(code === 0 ? null : `go ended with ${code ?? signal}: ${last.slice(0, 300)}`));
    function finish(result: string | null): void {
      clearInterval(timer);
      resolve(result);
    }
  });
}

/** Lets a line through at most every so many seconds. */
function everySeconds<A extends unknown[]>(seconds: number, act: (...args: A) => void): (...args: A) => void {
  let next = 0;
  return (...args) => {
    if (Date.now() < next) return;
    next = Date.now() + seconds * 1_000;
    act(...args);
  };
}
