import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Rule } from './rule.ts';

/** Before the pivot, what destroys is either agreed to by a person or can be undone. */
export const danger: Rule = ({ report, plan, graph }) => {
  plan.steps.forEach(({ id, risk, undo }, index) => {
    if (risk !== 'destructive' || undo !== null) return;
    const before = [...graph.before(id)].map((each) => graph.byId.get(each)!);
    if (before.some((step) => step.pivot || step.call.kind === 'approve')) return;
    complain(report, 'error', ['steps', index], {
      code: 'E-DESTRUCTIVE',
      message: `step "${id}" destroys, and neither is it approved before nor can it be undone`,
      hint: 'put an approve step before it, or give it an undo',
    });
  });
};
