import { complain } from '../../../activities/platform/yaml/report.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import type { Rule } from './rule.ts';

/** Ids are unique, `needs` names steps, and no step waits for itself. */
export const order: Rule = ({ report, plan, graph }) => {
  const seen = new Set<string>();
  plan.steps.forEach(({ id, needs }, index) => {
    if (seen.has(id))
      complain(report, 'error', ['steps', index, 'id'], {
        code: 'E-DUPLICATE-ID',
        message: `the id "${id}" is used by two steps`,
        hint: 'rename one of them',
      });
    seen.add(id);
    for (const [at, need] of needs.entries()) {
      if (graph.byId.has(need)) continue;
      const near = nearest(need, graph.byId.keys());
      complain(report, 'error', ['steps', index, 'needs', at], {
        code: 'E-NEEDS',
        message: `step "${id}" needs "${need}", which is no step`,
        hint: near === null ? `steps: ${[...graph.byId.keys()].join(', ')}` : `did you mean "${near}"?`,
      });
    }
  });
  // Two steps of one id make circles that are not there.
  if (graph.cycle !== null && seen.size === plan.steps.length) {
    const [first] = graph.cycle;
    const index = plan.steps.findIndex(({ id }) => id === first);
    complain(report, 'error', ['steps', index, 'needs'], {
      code: 'E-CYCLE',
      message: `steps wait for each other in a circle: ${[...graph.cycle, first].join(' → ')}`,
      hint: 'remove one of these needs',
    });
  }
};
