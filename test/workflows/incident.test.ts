import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beginIncident, nextIncident } from '../../workflows/core/incident.ts';
import type { Severity } from '../../workflows/domain/words.ts';
import { queries, updates, workflowIds, type IncidentView } from '../../workflows/messages.ts';
import { incidentBundle, inputAt, minute, stage, told } from '../support/incident-hands.ts';
import { timeSkipping } from '../support/temporal.ts';

let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  bundle = await incidentBundle();
}, 60_000);

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
