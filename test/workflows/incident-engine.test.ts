import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import { queries, signals, updates, workflowIds, type IncidentView } from '../../workflows/messages.ts';
import { alarm, incidentBundle, inputAt, minute, stage } from '../support/incident-hands.ts';
import { engine } from '../support/temporal.ts';

let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  bundle = await incidentBundle();
}, 60_000);

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
