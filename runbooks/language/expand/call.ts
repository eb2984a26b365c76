import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import type { Call, Question } from '../../../workflows/core/plan.ts';
import type { JsonMap } from '../../../workflows/domain/words.ts';
import { complain, pathText, type Report } from '../../../activities/platform/yaml/report.ts';
import { kinds } from '../kinds/index.ts';
import type { CallSource } from '../shapes/runbook.ts';

const none: Call = { kind: 'none', args: {} };

/** The one kind among the keys. Reports none or several, and still gives something, so that all findings come at once. */
export function expandCall(report: Report, source: CallSource, path: Path): Call {
  const found = kindsIn(source);
  if (found.length === 1) return { kind: found[0]!, args: source[found[0]!] as JsonMap };
  const where = pathText(path);
  if (found.length === 0) {
    complain(report, 'error', path, {
      code: 'E-KIND',
      message: `"${where}" has no kind`,
      hint: `add exactly one of ${[...kinds.keys()].join(', ')}`,
    });
    return none;
  }
  complain(report, 'error', [...path, found[1]!], {
    code: 'E-KIND',
    message: `"${where}" has more than one kind: ${found.join(', ')}`,
    hint: 'make a step of each',
  });
  return none;
}

export function kindsIn(source: CallSource): string[] {
  return Object.keys(source).filter((key) => kinds.has(key) && source[key] !== undefined);
}

export function expandQuestion(report: Report, source: CallSource, path: Path): Question {
  return { call: expandCall(report, source, path), expect: (source['expect'] as string | undefined) ?? null };
}
