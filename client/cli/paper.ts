import type { Call, Step } from '../../workflows/core/plan.ts';
import type { Runbook } from '../../runbooks/library.ts';
import { span } from './duration.ts';
import { approver } from './plan-text.ts';
import { safe } from './safe.ts';

/** The runbook as a Markdown page to do by hand when every machine of ours is down: boxes to tick, times and initials to write. */
export function paper(runbook: Runbook, { printed_at }: { readonly printed_at: number }): string {
  const { plan } = runbook;
  const lines = [
    `# ${safe(plan.title)}`,
    '',
    `Runbook \`${plan.runbook}\` version ${plan.version}, plan ${runbook.hash.slice(0, 12)}, printed ${new Date(printed_at).toISOString().slice(0, 16)}Z.`,
    `Owner: ${safe(plan.owner)}. Severity: ${plan.severity}.${plan.objectives.rto_ms === null ? '' : ` Back within ${span(plan.objectives.rto_ms)}.`}`,
    '',
    'Commander: ______________________   Started: ____:____   Incident: ______________',
    '',
  ];
  const inputs = Object.entries(plan.inputs);
  if (inputs.length > 0)
    lines.push(
      '## Write down first',
      '',
      ...inputs.map(
        ([name, spec]) => `- ${safe(spec.title ?? name)} (\`${name}\`${spec.required ? ', required' : ''}): ______________________`,
      ),
      '',
    );
  lines.push('## Steps', '', '| Done | # | Step | Time | Initials |', '|---|---|---|---|---|');
  plan.steps.forEach((step, index) => lines.push(`| [ ] | ${index + 1} | ${cell(stepText(step))} | ____:____ | |`));
  const undo = plan.steps.filter((step) => step.undo !== null).toReversed();
  if (undo.length > 0) {
    lines.push('', '## Way back, in this order', '', '| Done | Step | Command | Time | Initials |', '|---|---|---|---|---|');
    for (const step of undo)
      lines.push(`| [ ] | ${cell(step.title)} | ${cell(step.undo === null ? '' : `\`${callText(step.undo.call)}\``)} | ____:____ | |`);
  }
  const tiers = Object.entries(plan.escalation).flatMap(([severity, list]) =>
    list.map(
      (tier) => `- ${severity}: after ${span(tier.after_ms)} ${tier.to.join(', ')}${tier.then === null ? '' : `, then ${tier.then}`}`,
    ),
  );
  if (tiers.length > 0) lines.push('', '## Who is called when', '', ...tiers);
  return `${lines.join('\n')}\n`;
}

function stepText(step: Step): string {
  const parts = [`**${step.title}** (${step.risk})`];
  if (step.when !== null) parts.push(`only if \`${step.when}\``);
  parts.push(step.call.kind === 'approve' ? `ask ${approver(step)}` : `\`${callText(step.call)}\``);
  if (step.expect !== null) parts.push(`must hold: \`${step.expect}\``);
  if (step.pivot) parts.push('**no way back after this**');
  return parts.join('; ');
}

/** A call as one would type it. */
function callText(call: Call): string {
  const { on, run, shell, ...rest } = call.args;
  const what = Array.isArray(run)
    ? run.map((word) => (/^[\w@%+=:,./${}-]+$/.test(String(word)) ? String(word) : `'${String(word)}'`)).join(' ')
    : typeof shell === 'string'
      ? shell
      : JSON.stringify(rest);
  return `${call.kind}${typeof on === 'string' ? ` ${on}` : ''}: ${what}`;
}

/** One table cell: no newline, no bar. */
function cell(text: string): string {
  return safe(text.replace(/\s*\n\s*/g, ' ; ')).replaceAll('|', '\\|');
}
