import { complain } from '../../../activities/platform/yaml/report.ts';
import type { TargetSpec } from '../../../workflows/core/plan.ts';
import { kinds } from '../kinds/index.ts';
import type { Rule } from './rule.ts';

/** Acting on many hosts is said by `each`, so that it can be batched and counted. */
export const fanOut: Rule = ({ report, plan, source }) => {
  plan.steps.forEach(({ id, each, call, risk }, index) => {
    const written = source.steps[index]!;
    for (const key of ['batch', 'max_failures']) {
      if (each === null && written[key] !== undefined)
        complain(report, 'error', ['steps', index, key], {
          code: 'E-EACH',
          message: `step "${id}" has ${key} without each`,
          hint: `add each: with a target or a list, or remove ${key}`,
        });
    }
    const on = kinds.get(call.kind)?.place === 'on' ? call.args['on'] : null;
    const target = typeof on === 'string' ? plan.targets[on] : undefined;
    if (target === undefined || isOne(target)) return;
    if (each === null && risk !== 'read') {
      complain(report, 'warning', ['steps', index, call.kind, 'on'], {
        code: 'W-MANY-HOSTS',
        message: `step "${id}" acts on every host of "${String(on)}" at once`,
        hint: `add each: ${String(on)} with a batch, or pick one host in the target`,
      });
    }
    if (each !== null && 'target' in each && each.target !== on) {
      complain(report, 'warning', ['steps', index, call.kind, 'on'], {
        code: 'W-MANY-HOSTS',
        message: `step "${id}" goes through "${each.target}" and acts on "${String(on)}" each time`,
        hint: `write on: ${each.target} for the current host`,
      });
    }
  });
};

function isOne({ exactly, pick }: TargetSpec): boolean {
  return exactly === 1 || pick !== null;
}
