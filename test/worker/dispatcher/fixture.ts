import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import type { AlarmRow } from '../../../activities/records/alarms.ts';
import { migrate } from '../../../activities/records/migrate.ts';
import { createPool } from '../../../activities/records/pool.ts';
import { createRecords, type Records } from '../../../activities/records/records.ts';
import type { AlarmTrigger } from '../../../workflows/core/plan.ts';
import type { Alarm } from '../../../workflows/domain/alarm.ts';
import { queues } from '../../../workflows/messages.ts';
import { startDispatcher, type Dispatcher, type DispatcherOptions } from '../../../worker/dispatcher/dispatcher.ts';
import { makeLibrary, makePlan, makeSite } from '../../client/http/fixture.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { engine } from '../../support/temporal.ts';

function trigger(match: string, change: Partial<AlarmTrigger> = {}): AlarmTrigger {
  return { on: 'alarm', match, with: {}, for_ms: 0, converge: null, guard: null, ...change };
}

const converge = { key: '${{ inputs.host }}', within_ms: 600_000, then: 'join' } as const;
const plans = [
  makePlan('repair', [trigger('alarm.name == "web_down"', { with: { host: '${{ alarm.labels.host }}' }, converge })], {
    severity: 'severe',
  }),
  makePlan('patient', [trigger('alarm.name == "flap"', { for_ms: 60_000 })]),
  makePlan('guarded', [trigger('alarm.name == "again"', { guard: { max_runs: 1, per_ms: 3_600_000, then: 'approve' } })]),
  makePlan('lead', [{ on: 'manual', roles: [] }]),
];

export interface Dispatching {
  readonly records: Records;
  /** The one of this moment. */
  readonly dispatcher: () => Dispatcher;
  /** Stops it and starts another. */
  readonly replace: (change?: Partial<DispatcherOptions>) => Promise<void>;
  /** Another one beside it. */
  readonly another: (change?: Partial<DispatcherOptions>) => Dispatcher;
  /** From now on `another` is the one. */
  readonly use: (another: Dispatcher) => void;
  /** Stores the alarms, waits until all is dispatched, and gives what became of them. */
  readonly accept: (...alarms: readonly Alarm[]) => Promise<AlarmRow[]>;
  /** What the stand-in of the incident's workflow was told. */
  readonly told: (incident: string | null) => Promise<string[]>;
  readonly result: (run: string) => Promise<unknown>;
  readonly endIncident: (incident: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A dispatcher on a real engine and real records, with stand-ins for the workflows and for the library. */
export async function openDispatching(): Promise<Dispatching> {
  const database = await freshDatabase();
  const pool = createPool({ url: database.url });
  await migrate(pool);
  const records = createRecords(pool);
  // The engine is shared with other files: ids of this one must be its own.
  await pool.query(`alter sequence incident_number restart with ${Date.now()}`);
  const connection = await NativeConnection.connect({ address: (await engine()).address });
  const client = new Client({ connection });
  const worker = await Worker.create({ connection, taskQueue: queues.control, workflowsPath: require.resolve('./stand-in.ts') });
  const running = worker.run();
  const site = () => makeSite({ fallback: { fatal: 'lead', severe: 'gone', general: null } });
  const another = (change: Partial<DispatcherOptions> = {}) =>
    startDispatcher({ client, records, shelf: makeLibrary(plans), site, log: pino({ level: 'silent' }), ...change });
  let dispatcher = another();
  return {
    records,
    another,
    dispatcher: () => dispatcher,
    use: (other) => void (dispatcher = other),
    async replace(change) {
      await dispatcher.stop();
      dispatcher = another(change);
    },
    async accept(...alarms) {
      const { ids } = await records.alarms.accept('script', Buffer.from('{}'), alarms);
      await dispatcher.settled();
      return Promise.all(ids.map(async (id) => (await records.alarms.get(id))!));
    },
    told: (incident) => client.workflow.getHandle(`incident/${incident}`).executeUpdate<string[], []>('told', { args: [] }),
    result: (run) => client.workflow.getHandle(`run/${run}`).result(),
    endIncident: async (incident) => void (await client.workflow.getHandle(`incident/${incident}`).terminate('over')),
    async close() {
      await dispatcher.stop();
      worker.shutdown();
      await running;
      await connection.close();
      await pool.end();
      await database.close();
    },
  };
}

let serial = 0;
export function alarm(name: string, change: Partial<Alarm> = {}): Alarm {
  return {
    source: 'script',
    dedup_key: `k${(serial += 1)}`,
    status: 'firing',
    name,
    summary: '',
    source_severity: null,
    severity: 'general',
    labels: {},
    annotations: {},
    starts_at: 1_790_000_000_000,
    ends_at: null,
    links: [],
    ...change,
  };
}
