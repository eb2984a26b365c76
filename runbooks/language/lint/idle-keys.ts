import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Rule } from './rule.ts';

const acting = ['each', 'batch', 'max_failures', 'retry', 'done_when', 'expect'];

/** Keys that mean nothing beside a kind that asks, waits or computes: refused, so that nobody relies on them. */
const idle: Readonly<Record<string, readonly string[]>> = {
  approve: [...acting, 'out', 'undo'],
  manual: [...acting, 'out'],
  set: [...acting, 'undo', 'timeout'],
  wait: [...acting, 'out', 'undo'],
  runbook: ['batch', 'max_failures'],
};

export const idleKeys: Rule = ({ report, plan, source }) => {
  plan.steps.forEach(({ id, call, drill }, index) => {
    const written = source.steps[index]!;
    const keys = call.kind === 'runbook' && written['each'] !== undefined ? [] : (idle[call.kind] ?? []);
    for (const key of keys.filter((each) => written[each] !== undefined && written[each] !== 'none')) {
      complain(report, 'error', ['steps', index, key], {
        code: 'E-IDLE-KEY',
        message: `"${key}" does nothing beside ${call.kind}`,
        hint: `remove it from step "${id}"${key === 'each' ? '; ask once for all of them' : ''}`,
      });
    }
    if (drill !== null && drill !== 'skip' && idle[call.kind] !== undefined && call.kind !== 'runbook') {
      complain(report, 'error', ['steps', index, 'drill'], {
        code: 'E-IDLE-KEY',
        message: `a canned answer does nothing beside ${call.kind}`,
        hint: 'drill: skip, or script the vote in a *.test.yaml',
      });
    }
  });
};
