import { z } from 'zod';
import type { Drill } from '../../../workflows/core/plan.ts';
import { cel, duration, id, ms, text } from './words.ts';

export const inject = z.strictObject({
  at: id.describe('Step'),
  fault: text.optional().describe('Kind of error the step gets: `unreachable timeout exit expect unknown refused`'),
  delay: duration.optional().describe('Time added to the step'),
});
export const score = z.strictObject({
  expect: cel.describe('Read after the run'),
  points: z.number().min(0).describe('Given when it is true'),
});

export const drill = z.strictObject({
  mode: z.enum(['simulate', 'sandbox', 'live']).default('simulate').describe('How the drill runs'),
  inject: z.array(inject).default([]).describe('Faults and delays'),
  score: z.array(score).default([]).describe('What counts'),
});
export type DrillSource = z.infer<typeof drill>;

export function expandDrill(source: DrillSource | undefined): Drill | null {
  if (source === undefined) return null;
  const faults = source.inject.map(({ at, fault, delay }) => ({
    at,
    fault: fault ?? null,
    delay_ms: delay === undefined ? null : ms(delay),
  }));
  return { mode: source.mode, inject: faults, score: source.score };
}

export const stepDrill = z.union([z.literal('skip'), z.strictObject({ answer: z.json() })]);
