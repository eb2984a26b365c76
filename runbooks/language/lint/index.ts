import type { Plan } from '../../../workflows/core/plan.ts';
import type { Report } from '../../../activities/platform/yaml/report.ts';
import type { RunbookSource } from '../shapes/runbook.ts';

/** A rule adds what it finds to the report. */
export type Rule = (report: Report, plan: Plan, source: RunbookSource) => void;

const rules: readonly Rule[] = [];

export function lint(report: Report, plan: Plan, source: RunbookSource): void {
  for (const rule of rules) rule(report, plan, source);
}
