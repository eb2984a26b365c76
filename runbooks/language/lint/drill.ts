import { complain } from '../../../activities/platform/yaml/report.ts';
import { faults } from '../../../workflows/core/simulate/script.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import type { Rule } from './rule.ts';

/** A drill injects into steps there are, and faults there are. */
export const drillPlaces: Rule = ({ report, plan, graph }) => {
  plan.drill?.inject.forEach(({ at, fault, delay_ms }, index) => {
    const path = ['drill', 'inject', index];
    if (!graph.byId.has(at)) {
      const near = nearest(at, graph.byId.keys());
      complain(report, 'error', [...path, 'at'], {
        code: 'E-STEP',
        message: `there is no step "${at}"`,
        hint: near === null ? null : `did you mean "${near}"?`,
      });
    }
    if (fault !== null && !(faults as readonly string[]).includes(fault)) {
      const near = nearest(fault, faults);
      complain(report, 'error', [...path, 'fault'], {
        code: 'E-SHAPE',
        message: `"${fault}" is no fault`,
        hint: near === null ? `faults: ${faults.join(', ')}` : `did you mean "${near}"?`,
      });
    }
    if (fault === null && delay_ms === null)
      complain(report, 'error', path, { code: 'E-SHAPE', message: 'nothing is injected', hint: 'add fault or delay' });
  });
};
