import { complain } from '../../../activities/platform/yaml/report.ts';
import { evaluate } from '../../../workflows/core/cel.ts';
import type { ExpressionError } from '../../../workflows/core/cel.ts';
import { checkInput } from '../../bind/inputs.ts';
import type { Rule } from './rule.ts';

/** Specs of inputs make sense: the pattern can be read, the default passes, `required` and `default` do not fight. */
export const inputSpecs: Rule = ({ report, plan }) => {
  for (const [name, spec] of Object.entries(plan.inputs)) {
    const path = ['inputs', name];
    if (spec.pattern !== null) {
      try {
        evaluate('"".matches(p)', { p: spec.pattern });
      } catch (error) {
        complain(report, 'error', [...path, 'pattern'], {
          code: 'E-PATTERN',
          message: `the pattern of input "${name}" cannot be read: ${spec.pattern}`,
          hint: (error as ExpressionError).hint,
        });
        continue;
      }
    }
    if (spec.min !== null && spec.max !== null && spec.min > spec.max)
      complain(report, 'error', [...path, 'min'], {
        code: 'E-INPUT',
        message: `input "${name}" has min ${spec.min} above max ${spec.max}`,
        hint: 'swap them',
      });
    if (spec.default === null) continue;
    const { problem } = checkInput(name, spec, spec.default);
    if (problem !== null)
      complain(report, 'error', [...path, 'default'], {
        code: 'E-INPUT',
        message: `the default does not pass its own rules: ${problem}`,
        hint: 'correct the default or the rule',
      });
    if (spec.required)
      complain(report, 'warning', [...path, 'required'], {
        code: 'W-INPUT',
        message: `input "${name}" is required and has a default, which is never used`,
        hint: 'remove one of them',
      });
  }
};
