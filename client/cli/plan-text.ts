import type { Plan, Resolved, Share, Step } from '../../workflows/core/plan.ts';
import type { Cli } from './cli.ts';
import { span } from './duration.ts';
import { pad, safe } from './safe.ts';
import { consequence, highest } from './start-run.ts';

/** The whole plan for people: what, where, how risky, who agrees, and up to where there is a way back. */
export function planLines(
  cli: Pick<Cli, 'word' | 'ink'>,
  planned: { readonly plan: Plan; readonly targets: Resolved; readonly hash: string },
): string[] {
  const { plan, targets } = planned;
  const lines = [
    cli.ink('bold', safe(`${plan.runbook} v${plan.version}  ${plan.title}`)),
    safe(
      `owner ${plan.owner}, severity ${plan.severity}${plan.objectives.rto_ms === null ? '' : `, back within ${span(plan.objectives.rto_ms)}`}, plan ${planned.hash.slice(0, 12)}`,
    ),
    safe(consequence(cli, planned, highest(plan.steps), 'plan')),
  ];
  for (const [name, nodes] of Object.entries(targets)) lines.push(safe(`  ${name}: ${nodes.map((node) => node.name).join(', ') || '-'}`));
  for (const name of plan.lock) lines.push(safe(`  lock ${name}`));
  lines.push('');
  plan.steps.forEach((step, index) => lines.push(...stepLines(cli, step, index + 1, plan)));
  return lines;
}

function stepLines(cli: Pick<Cli, 'ink'>, step: Step, number: number, plan: Plan): string[] {
  const ink = step.risk === 'destructive' ? 'red' : step.risk === 'change' ? 'yellow' : 'dim';
  const head = `${String(number).padStart(3)}  ${pad(safe(step.title), 46)} ${pad(step.call.kind, 8)} ${cli.ink(ink, pad(step.risk, 11))} ${undoWord(step)}`;
  const notes = [
    placeOf(step),
    step.when === null ? null : `when ${step.when}`,
    usualNeeds(step, plan) ? null : `after ${step.needs.join(', ') || 'nothing'}`,
    step.batch === null ? null : `${shareText(step.batch)} at a time, up to ${shareText(step.max_failures)} may fail`,
    step.lock === null ? null : `lock ${step.lock}`,
    step.call.kind === 'approve' ? `waits for ${approver(step)}${step.timeout_ms === null ? '' : `, ${span(step.timeout_ms)}`}` : null,
    step.retry.max > 1 || step.retry.for_ms !== null
      ? `up to ${step.retry.for_ms === null ? `${step.retry.max} tries` : span(step.retry.for_ms)}`
      : null,
    step.pivot ? 'no way back after this' : null,
  ].filter((note) => note !== null);
  return notes.length === 0 ? [head] : [head, cli.ink('dim', safe(`       ${notes.join(' · ')}`))];
}

function placeOf(step: Step): string | null {
  if (step.each !== null) return `for each of ${'target' in step.each ? step.each.target : step.each.list}`;
  const on = step.call.args['on'];
  return typeof on === 'string' ? `on ${on}` : null;
}

function undoWord(step: Step): string {
  if (step.risk === 'read') return '';
  return step.undo === null ? 'no undo' : 'undo';
}

/** The compiler spells `needs` out; the usual "everything above" is not worth a line. */
function usualNeeds(step: Step, plan: Plan): boolean {
  const above = plan.steps.slice(0, plan.steps.indexOf(step)).map((one) => one.id);
  return step.needs.length === above.length && above.every((id) => step.needs.includes(id));
}

export function approver(step: Step): string {
  const by = step.call.args['by'];
  const { role, quorum } = (by !== null && typeof by === 'object' && !Array.isArray(by) ? by : {}) as { role?: string; quorum?: number };
  return `${quorum !== undefined && quorum > 1 ? `${quorum} of ` : ''}${role ?? 'anybody'}`;
}

function shareText(share: Share): string {
  return 'count' in share ? String(share.count) : `${share.percent}%`;
}
