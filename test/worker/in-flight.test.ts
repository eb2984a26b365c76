import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { handBack, openInFlight } from '../../worker/in-flight.ts';
import { performOf } from '../support/hands.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'tocsin-in-flight-'));

/** A client that notes what it is asked. */
function clientOf(refuse = false) {
  const failed: string[] = [];
  const unstuck: unknown[] = [];
  const client = {
    options: { namespace: 'default' },
    activity: {
      fail: async (token: Uint8Array) => {
        if (refuse) throw new Error('not found');
        failed.push(Buffer.from(token).toString());
      },
    },
    workflowService: { resetStickyTaskQueue: async (asked: unknown) => void unstuck.push(asked) },
  };
  return { client: client as unknown as Client, failed, unstuck };
}

const contextOf = (token: string) =>
  ({ info: { base64TaskToken: Buffer.from(token).toString('base64'), workflowExecution: { workflowId: 'run/a', runId: 'r' } } }) as never;

/** Begins an activity that never ends, and one that does. */
async function work(directory: string, safe = true): Promise<void> {
  const inFlight = openInFlight(directory, () => safe);
  const begin = (token: string, next: () => Promise<unknown>) =>
    inFlight.interceptor(contextOf(token)).inbound!.execute!({ args: [performOf()], headers: {} }, next as never);
  void begin('never', () => new Promise(() => undefined));
  await begin('done', async () => 'ok');
}

/** As if this process had died: the file bears the name of one that did. */
function bury(directory: string): void {
  const dead = spawnSync('true').pid;
  for (const name of readdirSync(directory))
    renameSync(join(directory, name), join(directory, name.replace(/^\d+@.*$/, `${dead}@ZGVhZA.tokens`)));
}

test('what a dead worker held is handed back, what it had finished is not, and its runs are freed from its memory', async () => {
  const directory = folder();
  await work(directory);
  bury(directory);
  const { client, failed, unstuck } = clientOf();

  expect(await handBack(directory, client)).toBe(1);
  expect(failed).toEqual(['never']);
  expect(unstuck).toEqual([{ namespace: 'default', execution: { workflowId: 'run/a', runId: 'r' } }]);
  expect(readdirSync(directory)).toEqual([]);
});

test('a living worker keeps what it holds', async () => {
  const directory = folder();
  await work(directory);
  const { client, failed } = clientOf();

  expect(await handBack(directory, client)).toBe(0);
  expect(failed).toEqual([]);
  expect(readdirSync(directory)).toHaveLength(1);
});

test('an act that must not be tried again is left to its heartbeat', async () => {
  const directory = folder();
  await work(directory, false);
  bury(directory);

  expect(await handBack(directory, clientOf().client)).toBe(0);
});

test('a line that was cut off by the death, and an engine that knows better, harm nothing', async () => {
  const directory = folder();
  await work(directory);
  bury(directory);
  const file = join(directory, readdirSync(directory)[0]!);
  writeFileSync(file, `${readFileSync(file, 'utf8')}+aGFsZg== {"workflowI`);

  expect(await handBack(directory, clientOf(true).client)).toBe(0);
});
