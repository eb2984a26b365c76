import { roomFor, trimOutcome } from '../../../activities/hand/trim.ts';
import type { Outcome } from '../../../workflows/core/run.ts';
import type { JsonMap } from '../../../workflows/domain/words.ts';

const outcomeOf = (result: JsonMap, message: string | null = null): Outcome => ({
  node: 'n0',
  ok: message === null,
  result,
  problem: message === null ? null : { kind: 'exit', message, hint: null },
  ran: 'yes',
  seconds: 1,
});
const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test('a hundred hosts that print much stay far below what the engine takes; the end of the output is kept', () => {
  const outcome = outcomeOf({ exit: 0, stdout: `begin ${'é"\n'.repeat(40_000)} end`, stderr: 'x'.repeat(100_000) });

  const trimmed = trimOutcome(outcome, roomFor(100));

  expect(size(trimmed) * 100).toBeLessThan(200_000);
  expect(trimmed.result).toMatchObject({ exit: 0, truncated: true, stdout: expect.stringMatching(/^begin .*… cut … .*end$/s) });
});

test('few hosts keep more of what they said', () => {
  const outcome = outcomeOf({ exit: 0, stdout: 'x'.repeat(30_000), stderr: '' });

  expect(trimOutcome(outcome, roomFor(1))).toEqual(outcome);
});

test('long lists keep their first rows, long messages their beginning and end', () => {
  const outcome = outcomeOf({ rows: Array.from({ length: 5_000 }, (_, n) => ({ n })), count: 5_000 }, `begin ${'x'.repeat(50_000)} end`);

  const trimmed = trimOutcome(outcome, 2_000);

  expect(size(trimmed)).toBeLessThan(4_000);
  expect(trimmed.result).toMatchObject({ count: 5_000, truncated: true });
  expect((trimmed.result!['rows'] as unknown[])[0]).toEqual({ n: 0 });
  expect(trimmed.problem!.message).toMatch(/^begin .* end$/s);
});

test('no character is cut in half', () => {
  const trimmed = trimOutcome(outcomeOf({ stdout: '😀'.repeat(20_000) }), 1_024);

  expect(String(trimmed.result!['stdout'])).not.toMatch(/\p{Surrogate}/u);
});
