import type { Call, Plan } from '../../workflows/core/plan.ts';
import type { Json, JsonMap } from '../../workflows/domain/words.ts';
import { severities } from '../../workflows/domain/words.ts';

interface Called {
  readonly name: string;
  /** Where the plan says so: `steps.agree.by.role`. */
  readonly where: string;
}

/** Every role or person that a plan names. */
export function peopleCalled(plan: Plan): Called[] {
  const found: Called[] = [{ name: plan.owner, where: 'owner' }];
  const add = (where: string, names: Json | undefined) => {
    for (const name of [names ?? []].flat()) if (typeof name === 'string') found.push({ name, where });
  };
  for (const trigger of plan.triggers) if (trigger.on === 'manual') add('triggers.manual.roles', [...trigger.roles]);
  for (const severity of severities) plan.escalation[severity].forEach((tier) => add(`escalation.${severity}`, [...tier.to]));
  for (const step of plan.steps) inCall(`steps.${step.id}`, step.call, add);
  for (const section of ['on_failure', 'finally'] as const) {
    plan[section].forEach((reaction, index) => {
      if (reaction.do === 'escalate') add(`${section}[${index}].escalate.to`, [...reaction.to]);
      if (reaction.do === 'call') inCall(`${section}[${index}]`, reaction.call, add);
    });
  }
  return found;
}

function inCall(where: string, { kind, args }: Call, add: (where: string, names: Json | undefined) => void): void {
  if (kind === 'notify') add(`${where}.notify.to`, args['to']);
  if (kind !== 'approve' && kind !== 'manual') return;
  add(`${where}.${kind}.notify`, args['notify']);
  if (kind === 'manual') return add(`${where}.manual.by`, args['by']);
  const by = args['by'] as JsonMap | undefined;
  add(`${where}.approve.by.role`, by?.['role']);
  add(`${where}.approve.by.delegates`, by?.['delegates']);
}
