import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowUpdateFailedError, WithStartWorkflowOperation } from '@temporalio/client';
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { IncidentActivities } from '../../activities/incident.ts';
import { beginIncident, defaultTiers, nextIncident } from '../../workflows/core/incident.ts';
import type { IncidentInput, IncidentRecord, Page } from '../../workflows/core/people.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Severity } from '../../workflows/domain/words.ts';
import { queries, signals, updates, workflowIds, type IncidentView } from '../../workflows/messages.ts';
import { engine, timeSkipping } from '../support/temporal.ts';

const minute = 60_000;
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'error', forward: {} } } });
  bundle = await bundleWorkflowCode({ workflowsPath: join(__dirname, '../../workflows/incident.ts'), logger: new DefaultLogger('ERROR') });
}, 60_000);

interface Stage {
  readonly pages: Page[];
  readonly records: IncidentRecord[];
  readonly reports: string[];
  readonly activities: IncidentActivities;
}

function stage(dead: (page: Page) => boolean = () => false): Stage {
  const pages: Page[] = [];
  const records: IncidentRecord[] = [];
  const reports: string[] = [];
  return {
    pages,
    records,
    reports,
    activities: {
      async page(page) {
        pages.push(page);
        return dead(page) ? { delivered: [], failed: page.to } : { delivered: page.to, failed: [] };
      },
      async recordIncident(record) {
        records.push(record);
      },
      async writeReport(request) {
        reports.push(request.id);
      },
    },
  };
}

function alarm(part: Partial<Alarm> = {}): Alarm {
  return {
    source: 'am',
    dedup_key: 'disk',
    status: 'firing',
    name: 'DiskFailing',
    summary: 'bad',
    source_severity: null,
    severity: 'fatal',
    labels: {},
    annotations: {},
    starts_at: 1,
    ends_at: null,
    links: [],
    ...part,
  };
}

function inputAt(opened_at: number, incident: string, severity: Severity = 'fatal'): IncidentInput {
  return {
    incident,
    title: 'Disk failing',
    severity,
    service: null,
    opened_at,
    tiers: defaultTiers,
    first: ['on_duty'],
    commander: null,
    run: null,
    alarms: [],
    engine_version: 1,
  };
}

/** Whole minutes since the opening and who was told; a busy machine may be some seconds late, a page must never be early. */
const told = (pages: readonly Page[], opened: number) =>
  pages.map((page) => [Math.floor((Number(page.values['at']) - opened) / minute), page.to.join(',')]);

describe('with a clock that jumps', () => {
  let env: TestWorkflowEnvironment;
  // One clock for all: each story begins at what it shows then, and ends before the next one moves it.
  beforeAll(async () => {
    env = await timeSkipping();
  }, 300_000);
  afterAll(async () => env?.teardown());

  async function open(queue: string, severity: Severity) {
    const opened = await env.currentTimeMs();
    const handle = await env.client.workflow.start('incident', {
      taskQueue: queue,
      workflowId: workflowIds.incident(queue),
      args: [inputAt(opened, queue, severity)],
    });
    return { opened, handle };
  }

  const worker = (queue: string, activities: object) =>
    Worker.create({ connection: env.nativeConnection, taskQueue: queue, workflowBundle: bundle, activities });

  test.each([
    ['fatal', 10, 'level_1,all_hands', []],
    ['severe', 15, 'level_2', []],
    ['general', 30, 'on_duty', ['inc-general/report-1']],
  ] as const)(
    '%s: at %d minutes %s, never earlier, once',
    async (severity, minutes, people, reports) => {
      const seen = stage();
      const running = await worker(`inc-${severity}`, seen.activities);

      await running.runUntil(async () => {
        const { opened, handle } = await open(`inc-${severity}`, severity);
        await env.sleep(minutes * minute - 20_000);
        expect(told(seen.pages, opened)).toEqual([[0, 'on_duty']]);
        await env.sleep(3 * 60 * minute);

        expect(told(seen.pages, opened)).toEqual([
          [0, 'on_duty'],
          [minutes, people],
        ]);
        expect(seen.reports).toEqual(reports);
        expect((await handle.query<IncidentView>(queries.state)).phase).toBe('open');
        await handle.terminate('end of test');
      });
    },
    60_000,
  );

  test('acknowledge shortly before the deadline stops it; resolve ends it with a report and a whole timeline', async () => {
    const seen = stage();
    const running = await worker('inc-ack', seen.activities);

    await running.runUntil(async () => {
      const { opened, handle } = await open('inc-ack', 'fatal');
      await env.sleep(10 * minute - 20_000);
      await handle.executeUpdate(updates.incidentMove, { args: [{ id: 'a1', kind: 'acknowledge', by: 'Li Wei', reason: 'mail' }] });
      await env.sleep(60 * minute);
      await expect(
        handle.executeUpdate(updates.incidentMove, { args: [{ id: 'a2', kind: 'acknowledge', by: 'Bo', reason: '' }] }),
      ).rejects.toThrow(WorkflowUpdateFailedError);
      await handle.executeUpdate(updates.incidentMove, { args: [{ id: 'a3', kind: 'resolve', by: 'Li Wei', reason: 'replaced' }] });
      await handle.result();

      expect(told(seen.pages, opened).map(([, to]) => to)).toEqual(['on_duty', 'on_duty,Li Wei']);
      expect(seen.reports).toEqual(['inc-ack/report']);
      const notes = seen.records.flatMap((record) => record.notes);
      expect(notes.map((note) => note.seq)).toEqual(notes.map((_, index) => index + 1));
      expect(notes.map((note) => note.code)).toEqual([
        'incident.opened',
        'incident.paged',
        'incident.acknowledged',
        'incident.resolved',
        'incident.paged',
      ]);
      expect(seen.records.at(-1)).toMatchObject({ phase: 'resolved', resolved: { by: 'Li Wei' }, next: { what: 'end' } });
    });
  }, 60_000);

  test('carried over by continue-as-new: the deadline, the numbering of the timeline and the moves made stay what they were', async () => {
    const seen = stage();
    const running = await worker('inc-carry', seen.activities);

    await running.runUntil(async () => {
      const opened = await env.currentTimeMs();
      const input = inputAt(opened, 'inc-carry');
      const begun = beginIncident(input, opened);
      const noted = nextIncident(begun.state, {
        type: 'move',
        at: opened,
        move: { id: 'n1', kind: 'note', by: 'Ana', reason: '', text: 'looking' },
      });
      const handle = await env.client.workflow.start('incident', {
        taskQueue: 'inc-carry',
        workflowId: workflowIds.incident('inc-carry'),
        args: [
          input,
          {
            state: noted.state,
            unwritten: { seq: 41, notes: noted.actions.flatMap((action) => (action.type === 'note' ? [action.note] : [])), reports: [] },
          },
        ],
      });
      await handle.executeUpdate(updates.incidentMove, { args: [{ id: 'n1', kind: 'note', by: 'Ana', reason: '', text: 'looking' }] });
      await env.sleep(10 * minute - 20_000);
      expect(seen.pages).toEqual([]);
      await env.sleep(minute);

      expect(told(seen.pages, opened)).toEqual([[10, 'level_1,all_hands']]);
      expect(seen.records.flatMap((record) => record.notes).map((note) => [note.seq, note.code])).toEqual([
        [42, 'incident.note'],
        [43, 'incident.tier'],
        [44, 'incident.paged'],
      ]);
      await handle.terminate('end of test');
    });
  }, 60_000);

  test('a page that reached nobody pulls the next tier forward', async () => {
    const seen = stage((page) => page.id.endsWith('/first'));
    const running = await worker('inc-dead', seen.activities);

    await running.runUntil(async () => {
      const { opened, handle } = await open('inc-dead', 'fatal');
      await env.sleep(1_000);

      expect(told(seen.pages, opened)).toEqual([
        [0, 'on_duty'],
        [0, 'level_1,all_hands'],
      ]);
      await handle.terminate('end of test');
    });
  }, 60_000);
});

describe('on the real engine', () => {
  let connection: NativeConnection;
  let client: Client;
  beforeAll(async () => {
    const { address } = await engine();
    connection = await NativeConnection.connect({ address });
    client = new Client({ connection: await Connection.connect({ address }) });
  }, 60_000);
  afterAll(async () => {
    await client?.connection.close();
    await connection?.close();
  });

  const worker = (taskQueue: string, activities: object) =>
    Worker.create({ connection, taskQueue, workflowBundle: bundle, activities, shutdownGraceTime: '1s' });

  test('a worker that was away over the deadline pages once, at once, when it is back; a deadline still to come is kept', async () => {
    const queue = `inc-away-${process.pid}`;
    const seen = stage();
    const opened = Date.now() - 10 * minute + 3_000;
    const first = await worker(queue, seen.activities);
    const handle = await first.runUntil(async () => {
      const started = await client.workflow.start('incident', {
        taskQueue: queue,
        workflowId: workflowIds.incident(queue),
        args: [inputAt(opened, queue)],
      });
      while (seen.records.length < 2) await sleep(50);
      return started;
    });
    expect(seen.pages.map((page) => page.to)).toEqual([['on_duty']]);
    await sleep(Math.max(0, opened + 10 * minute + 1_000 - Date.now()));
    expect(seen.pages).toHaveLength(1);

    const back = Date.now();
    const second = await worker(queue, seen.activities);
    await second.runUntil(async () => {
      while (seen.pages.length < 2) await sleep(50);
      await sleep(1_500);
    });

    expect(seen.pages.map((page) => page.to)).toEqual([['on_duty'], ['level_1', 'all_hands']]);
    expect(Number(seen.pages[1]?.values['at'])).toBeGreaterThanOrEqual(opened + 10 * minute);
    expect(Date.now() - back).toBeLessThan(15_000);
    await handle.terminate('end of test');
  }, 60_000);

  test('update-with-start opens or joins; a run that ends well and its alarm gone resolve it', async () => {
    const queue = `inc-join-${process.pid}`;
    const seen = stage();
    const running = await worker(queue, seen.activities);
    const workflowId = workflowIds.incident(queue);
    const send = (given: Alarm) =>
      client.workflow.executeUpdateWithStart(updates.alarm, {
        args: [given],
        startWorkflowOperation: new WithStartWorkflowOperation('incident', {
          workflowId,
          taskQueue: queue,
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [{ ...inputAt(Date.now(), queue), run: 'r-1', alarms: [alarm()] }],
        }),
      });

    await running.runUntil(async () => {
      expect(await send(alarm())).toEqual({ joined: true });
      expect(await send(alarm({ dedup_key: 'raid', name: 'RaidDegraded' }))).toEqual({ joined: true });
      const handle = client.workflow.getHandle(workflowId);
      expect((await handle.query<IncidentView>(queries.state)).alarms).toEqual({ known: 2, firing: 2 });
      await handle.cancel();
      await send(alarm({ status: 'resolved' }));
      await send(alarm({ dedup_key: 'raid', name: 'RaidDegraded', status: 'resolved' }));
      await handle.signal(signals.runEnded, { run: 'r-1', status: 'ok' });

      expect(await handle.result()).toEqual({ phase: 'resolved' });
    });
    expect(seen.records.at(-1)?.resolved?.by).toBe('tocsin');
  }, 60_000);

  test('a storm of 1,900 alarms is one incident: it goes on as a new execution, loses none, and numbers its timeline without a gap', async () => {
    const queue = `inc-storm-${process.pid}`;
    const seen = stage();
    const running = await worker(queue, seen.activities);
    const workflowId = workflowIds.incident(queue);

    await running.runUntil(async () => {
      const started = await client.workflow.start('incident', { taskQueue: queue, workflowId, args: [inputAt(Date.now(), queue)] });
      const handle = client.workflow.getHandle(workflowId);
      let next = 0;
      const sender = async () => {
        for (let index = next++; index < 1_900; index = next++) {
          const args = [alarm({ dedup_key: `node-${index}` })] as const;
          // What arrives in the moment of change is refused and sent again, as the dispatcher does.
          while (!(await handle.executeUpdate(updates.alarm, { args: [...args] }).catch(() => null))) await sleep(20);
        }
      };
      await Promise.all(Array.from({ length: 8 }, sender));
      while (seen.records.flatMap((record) => record.notes).length < 1_902) await sleep(50);

      const view = await handle.query<IncidentView>(queries.state);
      expect(view.alarms).toEqual({ known: 1_900, firing: 1_900 });
      expect((await handle.describe()).runId).not.toBe(started.firstExecutionRunId);
      const notes = seen.records.flatMap((record) => record.notes);
      expect(notes.map((note) => note.seq)).toEqual(notes.map((_, index) => index + 1));
      expect(seen.pages).toHaveLength(1);
      await handle.terminate('end of test');
    });
  }, 120_000);
});
