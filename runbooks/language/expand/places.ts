import type { Call, Check, Plan, Question, Reaction, Step, Undo } from '../../../workflows/core/plan.ts';

/**
 * A probe looks from one host, and asks a PostgreSQL by host: where the file names a target there, the plan says which host of it.
 * (`on` and the ends of `copy` are resolved by the run itself, unit by unit.)
 */
export function withPlaces(plan: Plan): Plan {
  const change = (call: Call): Call => (call.kind === 'probe' ? { kind: call.kind, args: { ...call.args, ...placed(call, plan) } } : call);
  const ask = <T extends Question | Undo>(question: T | null): T | null =>
    question === null ? null : { ...question, call: change(question.call) };
  const check = (each: Check): Check => (each.call === null ? each : { ...each, call: change(each.call) });
  const react = (each: Reaction): Reaction => (each.do === 'call' ? { ...each, call: change(each.call) } : each);
  const step = (each: Step): Step => ({ ...each, call: change(each.call), done_when: ask(each.done_when), undo: ask(each.undo) });
  return {
    ...plan,
    checks: { before: plan.checks.before.map(check), after: plan.checks.after.map(check) },
    steps: plan.steps.map(step),
    on_failure: plan.on_failure.map(react),
    finally: plan.finally.map(react),
  };
}

function placed({ args }: Call, { targets }: Plan): Record<string, string> {
  const found: Record<string, string> = {};
  for (const key of ['from', 'postgres']) {
    const name = args[key];
    if (typeof name !== 'string') continue;
    const target = Object.hasOwn(targets, name) ? targets[name]! : null;
    if (target !== null) found[key] = `\${{ targets.${name}${target.exactly === 1 || target.pick !== null ? '' : '[0]'}.name }}`;
    else if (name === 'node') found[key] = '${{ node.name }}';
  }
  return found;
}
