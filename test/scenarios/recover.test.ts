import { openRecoveries, victims } from '../support/recover.ts';
import type { Recoveries, Victim } from '../support/recover.ts';

let recoveries: Recoveries;
beforeAll(async () => {
  recoveries = await openRecoveries();
}, 120_000);
afterAll(() => recoveries?.close(), 90_000);

const limits: Readonly<Record<Victim, number>> = { worker: 5, engine: 10, everything: 20 };

test.each(victims)(
  'kill -9 of %s in mid-step: the command ran once and the next step follows within seconds',
  async (victim) => {
    const seen = await recoveries.once(victim);

    expect(seen.lines).toEqual(['begun', 'ended', 'after']);
    expect(seen.status).toBe('ok');
    // Bars are measured by the bench; here a machine that is busy with other tests gets twice the time.
    expect(seen.seconds).toBeLessThan(limits[victim] * 2);
  },
  120_000,
);

test('a worker that is asked to leave in mid-step hands its command over: it ran once, and nobody waited for its end', async () => {
  const seen = await recoveries.once('leaving');

  expect(seen.lines).toEqual(['begun', 'ended', 'after']);
  expect(seen.status).toBe('ok');
  expect(seen.seconds).toBeLessThan(15);
}, 120_000);

test('kill -9 of the records in mid-step: no step waits for them, and they are told of everything once they are back', async () => {
  const seen = await recoveries.once('records');

  expect(seen.lines).toEqual(['begun', 'ended', 'after']);
  expect(seen.status).toBe('ok');
  expect(seen.seconds).toBeLessThan(10);
}, 120_000);
