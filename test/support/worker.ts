import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Outcome, Perform } from '../../workflows/core/run.ts';
import type { RunRecord } from '../../workflows/shell/recorder.ts';
import { askLock, describeHolder } from '../../activities/locks.ts';
import { sharedModules } from '../../worker/bundle.ts';
import { tuning } from '../../worker/tuning.ts';
import { engine } from './temporal.ts';

const root = join(__dirname, '..', '..');
let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;
const logger = new DefaultLogger('ERROR');

/** The product's workflows, bundled once per test file. */
export function workflows(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: require.resolve(join(root, 'workflows', 'index')),
    preloadModules: sharedModules(root),
    logger,
  });
  return bundle;
}

export type Hand = (perform: Perform) => Promise<readonly Outcome[]> | readonly Outcome[];

/** Everything a run says to the records, in order. */
export interface Told {
  readonly records: RunRecord[];
  /** Codes of the notes of a run, each with its step. */
  readonly codes: (run: string) => readonly string[];
}

export function fakeActivities(
  hands: { readonly [kind: string]: Hand },
  more: { readonly [name: string]: (argument: never) => Promise<unknown> } = {},
) {
  const records: RunRecord[] = [];
  const told: Told = {
    records,
    codes: (run) => notesOf(records, run).map((note) => (note.step === null ? note.code : `${note.code} ${note.step}`)),
  };
  const recordRun = async (record: RunRecord) => void records.push(record);
  return { told, activities: { recordRun, askLock, describeHolder, ...hands, ...more } };
}

export function notesOf(records: readonly RunRecord[], run: string): RunRecord['notes'] {
  return records.filter((record) => record.run === run).flatMap((record) => record.notes);
}

/** Every unit did what it should. */
export function fine(perform: Perform, result: Outcome['result'] = {}): readonly Outcome[] {
  return perform.units.map((unit) => ({ node: unit.node, ok: true, result, problem: null, ran: 'yes', seconds: 0.01 }));
}

export interface Bench {
  readonly client: Client;
  readonly queue: string;
  /** Runs a worker while `work` runs. */
  readonly during: <T>(activities: object, work: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

let installed = false;

/** A real engine, a queue of our own, and a worker as tuned as the product's. */
export async function openBench(name: string, elsewhere?: string): Promise<Bench> {
  if (!installed) Runtime.install({ logger, telemetryOptions: { logging: { filter: 'error', forward: {} } } });
  installed = true;
  const address = elsewhere ?? (await engine()).address;
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const queue = `${name}-${process.pid}-${Date.now()}`;
  const client = new Client({ connection });
  return {
    client,
    queue,
    async during(activities, work) {
      const worker = await Worker.create({
        ...tuning,
        connection: native,
        taskQueue: queue,
        workflowBundle: await workflows(),
        activities,
        shutdownGraceTime: '1s',
        shutdownForceTime: '2s',
      });
      return worker.runUntil(work);
    },
    async close() {
      await connection.close();
      await native.close();
    },
  };
}
