import type { z } from 'zod';
import type { StepKind } from '../../../activities/steps/kind.ts';

/**
 * A step kind as the language sees it. Kinds that act bring their descriptor from `activities/steps`; kinds that wait or ask
 * live in the machine and have theirs here, since zod stays out of the sandbox.
 */
export interface Kind extends Pick<StepKind, 'id' | 'words' | 'place' | 'risk' | 'idempotent'> {
  readonly shape: z.ZodType;
  /** Most units in one activity; only of kinds that act. */
  readonly chunk?: number;
  /** `machine`: decided inside the run, no hand involved. */
  readonly where: 'hand' | 'machine';
  /** Default of `timeout`; `null`: as long as it takes. */
  readonly timeout_ms: number | null;
}
