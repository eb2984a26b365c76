import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import type { Call } from '../../../workflows/core/plan.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import { kinds } from '../kinds/index.ts';
import { actsOf } from './acts.ts';
import type { Linted, Rule } from './rule.ts';

/** What a call acts on is a target of this file; targets that can be empty are pointed out. */
export const places: Rule = (linted) => {
  for (const { call, path, step } of actsOf(linted))
    checkPlaces(linted, call, path, step !== null && linted.plan.steps[step]!.each !== null);
  for (const [name, target] of Object.entries(linted.plan.targets)) {
    if (target.at_least === 0 && target.exactly === null) {
      complain(linted.report, 'warning', ['targets', name, 'at_least'], {
        code: 'W-TARGET-EMPTY',
        message: `target "${name}" may be empty, then its steps do nothing and succeed`,
        hint: 'leave at_least out to refuse such a start',
      });
    }
  }
};

function checkPlaces({ report, plan }: Linted, { kind, args }: Call, path: Path, each: boolean): void {
  const known = Object.keys(plan.targets);
  const check = (name: string, at: Path) => {
    if (name.includes('${{') || known.includes(name) || (name === 'node' && each)) return;
    const near = nearest(name, known);
    complain(report, 'error', at, {
      code: 'E-TARGET',
      message: `"${name}" is no target of this runbook`,
      hint: near === null ? `targets: ${known.join(', ') || 'none; add targets: { name: { where: … } }'}` : `did you mean "${near}"?`,
    });
  };
  if (kinds.get(kind)?.place === 'on' && typeof args['on'] === 'string') check(args['on'], [...path, kind, 'on']);
  if (kind === 'probe' && typeof args['from'] === 'string') check(args['from'], [...path, kind, 'from']);
  if (kind !== 'copy') return;
  const ends = ['from', 'to'].filter((end) => /^[A-Za-z][\w.-]*:\//.test(String(args[end])));
  for (const end of ends) check(String(args[end]).split(':')[0]!, [...path, kind, end]);
  if (
    ends.length === 0 &&
    typeof args['from'] === 'string' &&
    typeof args['to'] === 'string' &&
    !`${args['from']}${args['to']}`.startsWith('${{')
  ) {
    complain(report, 'error', [...path, kind], {
      code: 'E-TARGET',
      message: 'copy names no target',
      hint: 'write from: or to: as TARGET:/path',
    });
  }
}
