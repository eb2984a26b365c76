import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import type { Call } from '../../../workflows/core/plan.ts';
import type { Linted } from './rule.ts';

export interface Act {
  readonly call: Call;
  /** Of the map that holds the kind's key. */
  readonly path: Path;
  readonly use: 'step' | 'done_when' | 'undo' | 'check' | 'reaction';
  /** Index of the step it belongs to, or `null`. */
  readonly step: number | null;
}

/** Every call of a plan with its place in the file. */
export function actsOf({ plan }: Pick<Linted, 'plan'>): Act[] {
  const found: Act[] = [];
  plan.steps.forEach(({ call, done_when, undo }, step) => {
    found.push({ call, path: ['steps', step], use: 'step', step });
    if (done_when !== null) found.push({ call: done_when.call, path: ['steps', step, 'done_when'], use: 'done_when', step });
    if (undo !== null) found.push({ call: undo.call, path: ['steps', step, 'undo'], use: 'undo', step });
  });
  for (const when of ['before', 'after'] as const) {
    plan.checks[when].forEach(
      ({ call }, index) => call !== null && found.push({ call, path: ['checks', when, index], use: 'check', step: null }),
    );
  }
  for (const section of ['on_failure', 'finally'] as const) {
    plan[section].forEach(
      (reaction, index) =>
        reaction.do === 'call' && found.push({ call: reaction.call, path: [section, index], use: 'reaction', step: null }),
    );
  }
  return found;
}
