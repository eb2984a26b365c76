import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowTypes } from '../../workflows/messages.ts';
import { workflows } from '../support/worker.ts';
import { historyFromJson } from './history.ts';

const files = readdirSync(__dirname).filter((file) => file.endsWith('.json'));

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'off', forward: {} } } });
});

function read(file: string): { readonly type: string; readonly history: object } {
  const history = JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as {
    events: { workflowExecutionStartedEventAttributes?: { workflowType: { name: string } } }[];
  };
  return { type: history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name ?? '', history };
}

test('every workflow has a kept history', () => {
  expect(new Set(files.map((file) => read(file).type))).toEqual(new Set(Object.values(workflowTypes)));
});

test('every kept history is told the same way by the workflows as they are now', async () => {
  const histories = files.map((file) => ({ workflowId: file, history: historyFromJson(read(file).history) }));
  const told: Record<string, string | undefined> = {};

  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: await workflows() }, histories))
    told[workflowId] = error?.message;

  expect(told).toEqual(Object.fromEntries(files.map((file) => [file, undefined])));
}, 60_000);
