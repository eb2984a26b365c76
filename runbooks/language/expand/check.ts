import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import type { Check } from '../../../workflows/core/plan.ts';
import type { Json } from '../../../workflows/domain/words.ts';
import { complain, pathText, type Report } from '../../../activities/platform/yaml/report.ts';
import { readsSafely, readsInTemplate } from '../reads.ts';
import type { CallSource } from '../shapes/runbook.ts';
import { expandCall, kindsIn } from './call.ts';

export function expandChecks(report: Report, sources: readonly CallSource[], path: Path): Check[] {
  return sources.map((source, index) => expandCheck(report, source, [...path, index]));
}

function expandCheck(report: Report, source: CallSource, path: Path): Check {
  const { expect = null, message = null, then = 'stop' } = source as { expect?: string; message?: string; then?: Check['then'] };
  const call = kindsIn(source).length === 0 ? null : expandCall(report, source, path);
  if (call === null && expect === null) {
    complain(report, 'error', path, {
      code: 'E-KIND',
      message: `"${pathText(path)}" checks nothing`,
      hint: 'give it an expect, a kind such as probe, or both',
    });
  }
  const paths = [...readsSafely(expect), ...readsInTemplate((call?.args ?? null) as Json), ...readsInTemplate(message)];
  const after = [...new Set(paths.flatMap(([root, step]) => (root === 'steps' && step !== undefined ? [step] : [])))];
  return { call, expect, message, then, after };
}
