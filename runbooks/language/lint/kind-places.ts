import { complain } from '../../../activities/platform/yaml/report.ts';
import { kinds } from '../kinds/index.ts';
import { actsOf } from './acts.ts';
import type { Rule } from './rule.ts';

const questions: ReadonlySet<string> = new Set(['ssh', 'sql', 'http', 'probe']);

/** Kinds that wait or ask stand as steps only; what asks (`done_when`, checks) only reads. */
export const kindPlaces: Rule = ({ report, plan }) => {
  for (const { call, path, use } of actsOf({ plan })) {
    if (use === 'step') continue;
    const at = [...path, call.kind];
    if (kinds.get(call.kind)?.where === 'machine') {
      complain(report, 'error', at, {
        code: 'E-KIND-PLACE',
        message: `"${call.kind}" can only be a step`,
        hint: 'make it a step of its own',
      });
    } else if ((use === 'done_when' || use === 'check') && !questions.has(call.kind)) {
      complain(report, 'error', at, {
        code: 'E-KIND-PLACE',
        message: `"${call.kind}" is no question`,
        hint: `ask with one of ${[...questions].join(', ')}`,
      });
    } else if ((use === 'done_when' || use === 'check') && call.kind === 'http' && kinds.get('http')?.risk(call.args) !== 'read') {
      complain(report, 'error', [...at, 'method'], {
        code: 'E-KIND-PLACE',
        message: `a question only reads, and ${String(call.args['method'])} may change something`,
        hint: 'use GET or HEAD',
      });
    }
  }
};
