import { z } from 'zod';
import type { Retry } from '../../../workflows/core/plan.ts';
import { cel, duration, ms } from './words.ts';

export const retry = z.strictObject({
  max: z.int().min(1).optional().describe('Attempts, the first included; 1, or as many as `for` allows when `until` is given'),
  delay: duration.default('1s').describe('Pause before the second attempt'),
  backoff: z.number().min(1).max(10).default(1).describe('Each further pause is so many times longer'),
  until: cel.optional().describe('Poll: repeat until this is true of the answer'),
  for: duration.optional().describe('Total time for all attempts'),
});
export type RetrySource = z.infer<typeof retry>;

/** Polling without `max` is bounded by `for` alone (the linter asks for one of them). */
export const pollMax = 1_000_000;

export function expandRetry(source: RetrySource | undefined): Retry {
  if (source === undefined) return { max: 1, delay_ms: 1_000, backoff: 1, until: null, for_ms: null };
  return {
    max: source.max ?? (source.until === undefined ? 1 : pollMax),
    delay_ms: ms(source.delay),
    backoff: source.backoff,
    until: source.until ?? null,
    for_ms: source.for === undefined ? null : ms(source.for),
  };
}
