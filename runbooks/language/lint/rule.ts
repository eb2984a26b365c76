import type { Report } from '../../../activities/platform/yaml/report.ts';
import type { Plan } from '../../../workflows/core/plan.ts';
import type { RunbookSource } from '../shapes/runbook.ts';
import type { Written } from './expressions.ts';
import type { Graph } from './graph.ts';

export interface Linted {
  readonly report: Report;
  readonly plan: Plan;
  /** As written, after the shape: what the plan no longer tells, such as `undo: none`. */
  readonly source: RunbookSource;
  readonly graph: Graph;
  /** Every expression of the file. */
  readonly expressions: readonly Written[];
}

/** A rule adds what it finds to the report. */
export type Rule = (linted: Linted) => void;
