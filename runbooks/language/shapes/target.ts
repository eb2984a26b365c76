import { z } from 'zod';
import type { TargetSpec } from '../../../workflows/core/plan.ts';
import { rundeckToCel } from '../where.ts';
import { cel } from './words.ts';

export const target = z.strictObject({
  where: cel.describe('True of the hosts meant; reads `node` and `inputs`. Or Rundeck text: `"tags: web+prod name: db-.*"`'),
  exactly: z.int().min(1).optional().describe('Refuse to start with any other number of hosts'),
  at_least: z.int().min(0).optional().describe('Refuse to start with fewer; 1'),
  pick: z
    .string()
    .regex(/^(min|max)\(.+\)$/s, 'must be min(EXPRESSION) or max(EXPRESSION)')
    .optional()
    .describe('Of these the one with the least or greatest value; ties by name'),
});
export type TargetSource = z.infer<typeof target>;

export function expandTarget(source: TargetSource): TargetSpec {
  const pick = source.pick === undefined ? null : { order: source.pick.slice(0, 3) as 'min' | 'max', by: source.pick.slice(4, -1).trim() };
  return { where: rundeckToCel(source.where) ?? source.where, exactly: source.exactly ?? null, at_least: source.at_least ?? 1, pick };
}
