import { complain, type Report } from '../../../activities/platform/yaml/report.ts';
import { evaluate, ExpressionError, functionNames, parse, type FunctionCall } from '../../../workflows/core/cel.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import type { Written } from './expressions.ts';
import type { Rule } from './rule.ts';

/** Every expression can be read, calls functions that exist, and its literal patterns and times are right. */
export const syntax: Rule = ({ report, expressions }) => {
  for (const written of expressions) {
    try {
      for (const call of parse(written.source).calls) checkCall(report, written, call);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      complain(report, 'error', written.path, { code: 'E-EXPRESSION', message: error.message, hint: error.hint });
    }
  }
};

/** Functions whose written-out argument is tried at once: how, and what it should have been. */
const tried: Readonly<Record<string, readonly [expression: string, what: string]>> = {
  matches: ['"".matches(literal)', 'a pattern'],
  duration: ['duration(literal)', 'a duration'],
  timestamp: ['timestamp(literal)', 'a moment'],
};

function checkCall(report: Report, { path }: Written, { name, literal }: FunctionCall): void {
  if (!functionNames.has(name)) {
    const near = nearest(name, functionNames);
    return complain(report, 'error', path, {
      code: 'E-EXPRESSION',
      message: `there is no function "${name}"`,
      hint: near === null ? `functions: ${[...functionNames].join(', ')}` : `did you mean "${near}"?`,
    });
  }
  const trial = literal === null ? undefined : tried[name];
  if (trial === undefined) return;
  try {
    evaluate(trial[0], { literal });
  } catch (error) {
    const { hint } = error as ExpressionError;
    complain(report, 'error', path, {
      code: name === 'matches' ? 'E-PATTERN' : 'E-EXPRESSION',
      message: `${JSON.stringify(literal)} cannot be read as ${trial[1]}`,
      hint,
    });
  }
}
