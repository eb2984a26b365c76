import { TocsinError } from '../../activities/platform/errors.ts';
import type { Plan } from '../../workflows/core/plan.ts';
import type { Move } from '../../workflows/core/run.ts';
import type { Site } from '../../workflows/domain/site.ts';

/**
 * A runbook may say who starts it by hand. As with approvals, roles that nobody of the site holds lock nobody out.
 * @throws TocsinError `E-REFUSED-ROLE`
 */
export function authoriseStart(site: Site, plan: Plan, by: string): void {
  const roles = plan.triggers.flatMap((trigger) => (trigger.on === 'manual' ? trigger.roles : []));
  const isOpen = plan.triggers.some((trigger) => trigger.on === 'manual' && trigger.roles.length === 0);
  const holders = site.people.filter((person) => person.roles.some((role) => roles.includes(role))).map((person) => person.name);
  if (isOpen || holders.length === 0 || holders.includes(by)) return;
  throw new TocsinError(`starting a run: "${by}" holds none of the roles that may start "${plan.runbook}": ${roles.join(', ')}`, {
    code: 'E-REFUSED-ROLE',
    hint: `It is for ${holders.join(', ')}; say who you are with --as or TOCSIN_AS.`,
  });
}

/**
 * An approval belongs to a role: whoever gives or refuses it must hold the role or be a delegate.
 * A site where nobody holds the role cannot be judged, so it is let through rather than locked out.
 * @throws TocsinError `E-REFUSED-ROLE`
 */
export function authorise(site: Site, plan: Plan, move: Pick<Move, 'by' | 'kind'> & { readonly step?: string }): void {
  if (move.kind !== 'approve' && move.kind !== 'reject') return;
  const by = plan.steps.find((step) => step.id === move.step && step.call.kind === 'approve')?.call.args.by;
  if (by === null || by === undefined || typeof by !== 'object' || Array.isArray(by) || typeof by.role !== 'string') return;
  const { role } = by;
  const delegates = Array.isArray(by.delegates) ? by.delegates : [];
  const holders = site.people.filter((person) => person.roles.includes(role)).map((person) => person.name);
  if (holders.length === 0) return;
  if (holders.includes(move.by) || delegates.includes(move.by)) return;
  const roles = site.people.find((person) => person.name === move.by)?.roles ?? [];
  if (roles.some((one) => delegates.includes(one))) return;
  throw new TocsinError(`${move.kind} of step "${move.step}": "${move.by}" does not hold the role "${role}"`, {
    code: 'E-REFUSED-ROLE',
    hint: `It is for ${[...holders, ...delegates.map(String)].join(', ')}; say who you are with --as or TOCSIN_AS.`,
  });
}
