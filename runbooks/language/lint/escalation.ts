import { complain } from '../../../activities/platform/yaml/report.ts';
import { durationText } from '../../../workflows/domain/duration.ts';
import { severities } from '../../../workflows/domain/words.ts';
import type { Rule } from './rule.ts';

/** By custom of the field: nobody waits longer than this for the first page. */
const first_ms = { fatal: 600_000, severe: 900_000, general: 1_800_000 } as const;

/** A runbook with an escalation of its own has one for every severity that an alarm may give it, in order of time. */
export const escalationGaps: Rule = ({ report, plan, source }) => {
  if (source.escalation === undefined) return;
  for (const severity of severities) {
    const tiers = plan.escalation[severity];
    const path = ['escalation', severity];
    if (tiers.length === 0) {
      complain(report, 'warning', ['escalation'], {
        code: 'W-ESCALATION',
        message: `there is no line for ${severity}: then the site's policy applies`,
        hint: `add ${severity}: [{ after: ${durationText(first_ms[severity])}, to: … }]`,
      });
      continue;
    }
    if (tiers[0]!.after_ms > first_ms[severity])
      complain(report, 'warning', [...path, 0, 'after'], {
        code: 'W-ESCALATION',
        message: `the first page of ${severity} comes after ${durationText(tiers[0]!.after_ms)}`,
        hint: `the custom is ${durationText(first_ms[severity])} at the latest`,
      });
    const late = tiers.findIndex((tier, index) => index > 0 && tier.after_ms <= tiers[index - 1]!.after_ms);
    if (late !== -1)
      complain(report, 'warning', [...path, late, 'after'], {
        code: 'W-ESCALATION',
        message: `a later line of ${severity} is not later`,
        hint: 'order the lines by time',
      });
  }
};
