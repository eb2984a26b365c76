import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Rule } from './rule.ts';

/** Retries that cannot end, and retries of what must not be repeated. */
export const repeats: Rule = ({ report, plan, source }) => {
  plan.steps.forEach(({ id, retry, idempotent }, index) => {
    const written = source.steps[index]!['retry'] as { max?: number; for?: string } | undefined;
    const path = ['steps', index, 'retry'];
    if (retry.until !== null && written?.max === undefined && written?.for === undefined) {
      complain(report, 'error', path, { code: 'E-ENDLESS', message: `step "${id}" polls without an end`, hint: 'add for: 5m, or max' });
    }
    if (retry.until === null && retry.max > 1 && !idempotent) {
      complain(report, 'warning', path, {
        code: 'W-NOT-REPEATED',
        message: `step "${id}" is not repeated after an unknown outcome, since it is not idempotent: a person is asked`,
        hint: 'give it a done_when, or idempotent: true if doing it twice is harmless',
      });
    }
  });
};
