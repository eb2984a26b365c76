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

interface Kept {
  readonly type: string;
  readonly workflowId: string;
  readonly history: object;
}

function read(file: string): Kept {
  const history = JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as {
    events: { workflowExecutionStartedEventAttributes: { workflowId: string; workflowType: { name: string } } }[];
  };
  const { workflowId, workflowType } = history.events[0]!.workflowExecutionStartedEventAttributes;
  return { type: workflowType.name, workflowId, history };
}

test('every workflow has a kept history', () => {
  expect(new Set(files.map((file) => read(file).type))).toEqual(new Set(Object.values(workflowTypes)));
});

test('every kept history is told the same way by the workflows as they are now', async () => {
  const kept = files.map((file) => ({ file, ...read(file) }));
  const histories = kept.map(({ workflowId, history }) => ({ workflowId, history: historyFromJson(history) }));
  const told: Record<string, string | undefined> = {};

  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: await workflows() }, histories))
    told[workflowId] = error?.message;

  expect(told).toEqual(Object.fromEntries(kept.map(({ workflowId }) => [workflowId, undefined])));
}, 60_000);
