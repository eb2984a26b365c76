import { migrate } from '../../../activities/records/migrate.ts';
import { createPool } from '../../../activities/records/pool.ts';
import { createRecords } from '../../../activities/records/records.ts';
import { createRecordRun } from '../../../activities/record-run.ts';
import { createBindRunbook } from '../../../activities/bind.ts';
import { TocsinError } from '../../../activities/platform/errors.ts';
import { record } from '../../../activities/steps/record.ts';
import type { RunRecord } from '../../../workflows/shell/recorder.ts';
import { act, depsOf } from '../../support/hands.ts';
import { freshDatabase } from '../../support/postgres.ts';
import type { Database } from '../../support/postgres.ts';
import { inputOf, planOf } from '../../support/runs.ts';

let database: Database;
let pool: ReturnType<typeof createPool>;
let records: ReturnType<typeof createRecords>;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url });
  await migrate(pool);
  records = createRecords(pool);
}, 60_000);
afterAll(async () => {
  await pool.end();
  await database.close();
});

test('record writes a finding once, however often the act is repeated', async () => {
  const args = { kind: 'restore_drill', with: { seconds: 12.5, passed: true } };

  expect(await act(record, { args, deps: { records } })).toMatchObject({ ok: true, ran: 'yes', result: { new: true } });
  expect(await act(record, { args, deps: { records } })).toMatchObject({ ok: true, result: { new: false } });
  expect(await records.evidence.list({ kind: 'restore_drill' })).toMatchObject([{ values: { seconds: 12.5, passed: true }, run: 'run-1' }]);
});

test('recordRun told twice or late changes nothing that is newer', async () => {
  const input = inputOf('run-7', planOf([]));
  await records.runs.create({ input });
  const recordRun = createRecordRun(depsOf({ records }));
  const note = (seq: number) => ({ seq, at: 1_000 + seq, code: 'run.started', step: null, node: null, by: null, values: {} });
  const message = (save: number, status: 'running' | 'waiting', seqs: number[]): RunRecord => ({
    run: 'run-7',
    incident: null,
    save,
    notes: seqs.map(note),
    view: { run: 'run-7', status, next: null, steps: [] },
    next: null,
    ended: null,
  });

  await recordRun(message(1, 'running', [1, 2]));
  await recordRun(message(2, 'waiting', [3]));
  await recordRun(message(1, 'running', [1, 2]));

  expect(await records.runs.get('run-7')).toMatchObject({ status: 'waiting' });
  expect((await records.timeline.of('run-7')).map(({ seq }) => seq)).toEqual([1, 2, 3]);

  await recordRun({
    ...message(3, 'running', []),
    ended: { status: 'failed', problem: { kind: 'exit', message: 'no', hint: null }, at: 5_000 },
  });
  expect(await records.runs.get('run-7')).toMatchObject({ status: 'failed', problem: { message: 'no' }, ended_at: 5_000 });
});

test('bindRunbook pins a nested run once; what a file says wrong is final, with its hint', async () => {
  const parent = { run: 'run-7', incident: null, alarm: null, by: 'ann', reason: 'test', mode: 'live' as const };
  const plan = planOf([]);
  let versions = 1;
  const binder = {
    bind: async ({ name }: { readonly name: string }) => {
      if (name === 'nowhere') throw new TocsinError('cannot find runbook "nowhere"', { code: 'E-NOT-FOUND', hint: 'did you mean "here"?' });
      return { plan: { ...plan, version: versions++ }, hash: 'hash-b', inputs: {}, targets: {} };
    },
  };
  const bindRunbook = createBindRunbook(depsOf({ records }), binder);
  const ask = (run: string, runbook: string) => bindRunbook({ run, runbook, version: null, with: {}, parent });

  const first = await ask('run-7.nested', 'here');
  const again = await ask('run-7.nested', 'here');

  expect(again).toEqual(first);
  expect(await records.runs.get('run-7.nested')).toMatchObject({ parent: 'run-7', started: true });
  await expect(ask('run-7.other', 'nowhere')).rejects.toMatchObject({
    nonRetryable: true,
    type: 'E-NOT-FOUND',
    details: ['did you mean "here"?'],
  });
  await expect(ask('a.b.c.d.e.f.g.h.i', 'here')).rejects.toMatchObject({ nonRetryable: true, type: 'E-RUN-DEPTH' });
});
