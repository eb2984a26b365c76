import type { Report } from '../../../activities/platform/yaml/report.ts';
import type { Plan } from '../../../workflows/core/plan.ts';
import type { RunbookSource } from '../shapes/runbook.ts';
import { alarmInputs } from './alarm-inputs.ts';
import { danger } from './danger.ts';
import { drillPlaces } from './drill.ts';
import { escalationGaps } from './escalation.ts';
import { expressionsOf } from './expressions.ts';
import { fanOut } from './fan-out.ts';
import { flowMaps } from './flow-maps.ts';
import { graphOf } from './graph.ts';
import { idleKeys } from './idle-keys.ts';
import { injection } from './injection.ts';
import { inputSpecs } from './inputs.ts';
import { order } from './order.ts';
import { places } from './places.ts';
import { kindPlaces } from './kind-places.ts';
import { recoveryTime } from './recovery-time.ts';
import { repeats } from './repeats.ts';
import { roots } from './roots.ts';
import type { Rule } from './rule.ts';
import { secrets } from './secrets.ts';
import { stepReads } from './step-reads.ts';
import { syntax } from './syntax.ts';
import { templates } from './templates.ts';
import { waysBack } from './ways-back.ts';

/** Every rule; one line each. */
const rules: readonly Rule[] = [
  order,
  syntax,
  templates,
  roots,
  stepReads,
  places,
  kindPlaces,
  idleKeys,
  inputSpecs,
  alarmInputs,
  secrets,
  injection,
  danger,
  waysBack,
  repeats,
  fanOut,
  recoveryTime,
  escalationGaps,
  drillPlaces,
  flowMaps,
];

export function lint(report: Report, plan: Plan, source: RunbookSource): void {
  const linted = { report, plan, source, graph: graphOf(plan), expressions: expressionsOf(source) };
  for (const rule of rules) rule(linted);
}
