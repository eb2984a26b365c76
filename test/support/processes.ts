import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './tocsin.ts';

/** A site folder from its files, on a listening port of its own; tokens are `operator`, `monitor`. */
export function writeSite(files: Readonly<Record<string, string>>, port: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-site-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'runbooks'));
  const site = `name: test
listen: { host: 127.0.0.1, port: ${port} }
url: http://127.0.0.1:${port}
data: data
operator_token: { from: env, key: TEST_OPERATOR_TOKEN }
sources:
  - { name: monitor, format: generic, token: { from: env, key: TEST_MONITOR_TOKEN } }
runbooks: [runbooks]
`;
  for (const [name, text] of Object.entries({ 'site.yaml': site, 'hosts.yaml': 'hosts: {}\n', 'people.yaml': 'people: {}\n', ...files }))
    writeFileSync(join(folder, name), text);
  return folder;
}

export const testTokens = { operator: 'operator-0123456789abcdef', monitor: 'monitor-0123456789abcdef' };

export interface Program {
  readonly child: ChildProcess;
  /** Resolves with the signal or code it ended by. */
  readonly ended: Promise<string>;
  readonly output: () => string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<string>;
}

/** A built program of ours as a process of its own: `worker/main.js`, `client/http/main.js`. */
export function startProgram(entry: string, env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [join(root, 'dist', entry)], {
    env: { ...process.env, TEST_OPERATOR_TOKEN: testTokens.operator, TEST_MONITOR_TOKEN: testTokens.monitor, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const ended = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  return {
    child,
    ended,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}

/** Asks until it is so. @throws with the last answer */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, timeout_ms = 20_000): Promise<T> {
  const end = Date.now() + timeout_ms;
  for (;;) {
    const answer = await ask().catch((error: unknown) => error as T);
    if (wanted(answer)) return answer;
    if (Date.now() > end)
      throw new Error(`not so within ${timeout_ms} ms; last: ${answer instanceof Error ? answer.message : JSON.stringify(answer)}`);
    await sleep(50);
  }
}
