import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../worker/services/temporal/cache.ts';

const version = '1.32.0';

/**
 * Path of a program that starts Temporal's time-skipping test server (PORT --enable-time-skipping).
 * Its jars come from Maven once and stay in the user's cache.
 */
export async function timeSkippingServer(say: (line: string) => void = () => undefined): Promise<string> {
  const home = join(cacheDirectory(), `temporal-test-server-${version}`);
  const program = join(home, 'temporal-test-server');
  if (existsSync(program)) return program;
  requireTools();
  mkdirSync(dirname(home), { recursive: true });
  const fresh = mkdtempSync(join(dirname(home), '.test-server-'));
  try {
    await fetchJars(fresh, say);
    // One class loader, no compiler of the second stage: it answers in 1.5 s instead of 3.
    writeFileSync(join(fresh, 'temporal-test-server'), startScript, { mode: 0o755 });
    if (!existsSync(program)) renameSync(fresh, home);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return program;
}

const startScript = `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -cp "$here/jars/*" io.temporal.testserver.TestServer "$@"
`;

async function fetchJars(directory: string, say: (line: string) => void): Promise<void> {
  const pom = join(directory, 'pom.xml');
  writeFileSync(
    pom,
    `<project><modelVersion>4.0.0</modelVersion><groupId>tocsin</groupId><artifactId>test-server</artifactId><version>1</version>
<dependencies><dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${version}</version></dependency></dependencies></project>\n`,
  );
  say(`time-skipping test server ${version}: jars from Maven …`);
  const jars = join(directory, 'jars');
  const done = spawnSync(
    'mvn',
    ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'],
    { encoding: 'utf8', timeout: 480_000 },
  );
  if (done.status !== 0)
    throw new Error(
      `cannot get the time-skipping test server with mvn: ${(done.stdout ?? '').slice(-600)} ${(done.stderr ?? '').slice(-300)}`,
    );
  say(`time-skipping test server: ${readdirSync(jars).length} jars`);
}

function requireTools(): void {
  const tools = [['java', 'default-jre-headless'] as const, ['mvn', 'maven'] as const];
  const missing = tools.filter(([tool]) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error).map(([, name]) => name);
  if (missing.length > 0) throw new Error(`the time-skipping tests need ${missing.join(' and ')}: apt-get install ${missing.join(' ')}`);
}
