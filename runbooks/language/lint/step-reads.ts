import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Step } from '../../../workflows/core/plan.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import { kinds } from '../kinds/index.ts';
import { referencesSafely } from '../reads.ts';
import type { Written } from './expressions.ts';
import type { Linted, Rule } from './rule.ts';

/** A step that is read exists, is done by then, and keeps what is asked of it. */
export const stepReads: Rule = (linted) => {
  for (const written of linted.expressions) {
    const told = new Set<string>();
    for (const { path, tested } of referencesSafely(written.source)) {
      if (path[0] !== 'steps' || path[1] === undefined || told.has(path.join())) continue;
      told.add(path.join());
      checkStep(linted, written, path, tested);
    }
  }
};

function checkStep(linted: Linted, written: Written, path: readonly string[], tested: boolean): void {
  const { report, graph } = linted;
  const [, id = '', part, name] = path;
  const step = graph.byId.get(id);
  if (step === undefined) {
    const near = nearest(id, graph.byId.keys());
    return complain(report, 'error', written.path, {
      code: 'E-STEP',
      message: `there is no step "${id}"`,
      hint: near === null ? `steps: ${[...graph.byId.keys()].join(', ')}` : `did you mean "${near}"?`,
    });
  }
  const problem = tooEarly(linted, written, id);
  if (problem !== null) return complain(report, 'error', written.path, { code: 'E-STEP-ORDER', ...problem });
  if (part !== 'out') return checkPart(linted, written, id, part);
  if (!keepsOut(step))
    return complain(report, 'error', written.path, {
      code: 'E-STEP-OUT',
      message: `step "${id}" keeps nothing`,
      hint: `give it out: { ${name ?? 'name'}: "\${{ result… }}" }`,
    });
  const names = outNames(step);
  if (name !== undefined && names !== null && !names.includes(name)) {
    const near = nearest(name, names);
    return complain(report, 'error', written.path, {
      code: 'E-STEP-OUT',
      message: `step "${id}" keeps no "${name}"`,
      hint: near === null ? `it keeps ${names.join(', ')}` : `did you mean "${near}"?`,
    });
  }
  if (!tested && mayBeMissing(linted, written, step)) {
    complain(report, 'warning', written.path, {
      code: 'W-MAY-BE-SKIPPED',
      message: `step "${id}" may have been skipped or passed over, then it has no "out"`,
      hint: `test first: has(steps.${id}.out), or give this step the same "when"`,
    });
  }
}

const stepParts = ['status', 'out', 'seconds', 'error'];

function checkPart({ report }: Linted, written: Written, id: string, part: string | undefined): void {
  if (part === undefined || stepParts.includes(part)) return;
  const near = nearest(part, stepParts);
  complain(report, 'error', written.path, {
    code: 'E-STEP-OUT',
    message: `a step has no "${part}"`,
    hint:
      near === null ? `write steps.${id}.out.${part} if it is kept in out; else status, out, seconds, error` : `did you mean "${near}"?`,
  });
}

/** Why the step cannot have run when this is evaluated; `null` when it has. */
function tooEarly({ plan, graph }: Linted, { moment }: Written, id: string): { readonly message: string; readonly hint: string } | null {
  if (!('step' in moment)) return null;
  const reader = plan.steps[moment.step]!.id;
  if (graph.before(reader).has(id)) return null;
  if (reader === id) {
    if (moment.at === 'back' || moment.at === 'failed') return null;
    return { message: `step "${id}" reads itself before it is done`, hint: 'its own answer is result, row or out' };
  }
  return { message: `step "${reader}" reads step "${id}", which need not be done by then`, hint: `add ${id} to the needs of ${reader}` };
}

function keepsOut(step: Step): boolean {
  return Object.keys(step.out).length > 0 || kinds.get(step.call.kind)?.where === 'machine';
}

/** Names kept, where the file tells; `null` where only the run knows. */
function outNames(step: Step): string[] | null {
  if (step.each !== null) return null;
  const own = Object.keys(step.out);
  if (step.call.kind === 'set') return [...own, ...Object.keys(step.call.args)];
  return kinds.get(step.call.kind)?.where === 'machine' ? null : own;
}

function mayBeMissing({ plan, graph }: Linted, { source, moment }: Written, step: Step): boolean {
  if (step.when === null && step.on_failure?.do !== 'continue') return false;
  const guards = (text: string | null) =>
    text !== null && (text.includes(`steps.${step.id}.status`) || text.includes(`has(steps.${step.id}.out`));
  if (guards(source)) return false;
  if (!('step' in moment)) return false;
  const reader = plan.steps[moment.step]!;
  if (moment.at !== 'ready' && guards(reader.when)) return false;
  const same = (id: string) => graph.byId.get(id)?.when === step.when && step.when !== null;
  return !(step.on_failure?.do !== 'continue' && same(reader.id));
}
