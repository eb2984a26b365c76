import { complain } from '../../../activities/platform/yaml/report.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import type { Rule } from './rule.ts';

/** What starts a run by itself gives every input that must be given. */
export const alarmInputs: Rule = ({ report, plan }) => {
  const required = Object.entries(plan.inputs)
    .filter(([, spec]) => spec.required && spec.default === null)
    .map(([name]) => name);
  plan.triggers.forEach((trigger, index) => {
    if (trigger.on === 'manual') return;
    const given = trigger.on === 'alarm' ? Object.keys(trigger.with) : [];
    const path = ['triggers', index, trigger.on];
    for (const name of required.filter((each) => !given.includes(each))) {
      const hint = trigger.on === 'alarm' ? `add with: { ${name}: "\${{ alarm.labels.${name} }}" }` : `give input "${name}" a default`;
      complain(report, 'error', path, {
        code: 'E-UNBOUND-INPUT',
        message: `the ${trigger.on} leaves the required input "${name}" unbound`,
        hint,
      });
    }
    for (const name of given.filter((each) => !Object.hasOwn(plan.inputs, each))) {
      const near = nearest(name, Object.keys(plan.inputs));
      complain(report, 'error', [...path, 'with', name], {
        code: 'E-UNBOUND-INPUT',
        message: `"${name}" is no input of this runbook`,
        hint: near === null ? `inputs: ${Object.keys(plan.inputs).join(', ') || 'none'}` : `did you mean "${near}"?`,
      });
    }
    if (trigger.on === 'schedule' && !isZone(trigger.timezone))
      complain(report, 'error', [...path, 'timezone'], {
        code: 'E-SHAPE',
        message: `"${trigger.timezone}" is no time zone`,
        hint: 'use an IANA name such as Asia/Shanghai',
      });
  });
};

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
