import { isGood } from './check.ts';
import { chaosJobs } from './jobs.ts';

test('200 kills of client, session, runner and host: nothing runs twice, nothing is wrongly done, no byte lost or repeated', async () => {
  const result = await chaosJobs({ kills: 200, seed: 20_260_101, say: () => undefined });

  expect(result.details).toEqual([]);
  expect(isGood(result)).toBe(true);
  expect(result.ran_once).toBeGreaterThan(20);
}, 240_000);
