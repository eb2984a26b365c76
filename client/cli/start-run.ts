import type { Plan, Resolved, Step } from '../../workflows/core/plan.ts';
import type { JsonMap, Risk } from '../../workflows/domain/words.ts';
import { risks } from '../../workflows/domain/words.ts';
import { agree } from './ask.ts';
import type { Cli } from './cli.ts';
import type { RunRow } from './wire.ts';

export interface StartRun {
  readonly runbook: string;
  readonly inputs: JsonMap;
  readonly reason: string;
  readonly mode: string;
}

interface Planned {
  readonly hash: string;
  readonly plan: Plan;
  readonly inputs: JsonMap;
  readonly targets: Resolved;
}

/** Starts a run after agreement in proportion to its plan: what, where, how many, and whether there is a way back. */
export async function startRun(cli: Cli, wanted: StartRun): Promise<RunRow> {
  const api = await cli.api();
  const planned = await api.post<Planned>(`/api/v1/runbooks/${encodeURIComponent(wanted.runbook)}/plan`, { inputs: wanted.inputs });
  const risk = highest(planned.plan.steps);
  await agree(cli, { risk, what: consequence(cli, planned, risk, wanted.mode), target: targetOf(planned) });
  const { run } = await api.post<{ run: RunRow }>('/api/v1/runs', { ...wanted, plan_hash: planned.hash, by: cli.by });
  return run;
}

export function highest(steps: readonly Step[]): Risk {
  return steps.reduce<Risk>((most, step) => (risks.indexOf(step.risk) > risks.indexOf(most) ? step.risk : most), 'read');
}

/** "Cut a host off: destructive on web-1 (1 host), mode live; no way back after step "cut"". */
export function consequence(cli: Pick<Cli, 'word'>, planned: Pick<Planned, 'plan' | 'targets'>, risk: Risk, mode: string): string {
  const names = hitBy(planned, risk === 'destructive' ? ['destructive'] : ['change', 'destructive']);
  const shown = names.length === 0 ? '-' : `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` +${names.length - 5}` : ''}`;
  const line = cli.word('danger_line', { title: planned.plan.title, risk, targets: shown, count: names.length, mode });
  const final =
    planned.plan.steps.find((step) => step.pivot) ?? planned.plan.steps.find((step) => step.risk === 'destructive' && step.undo === null);
  return `${line}; ${final ? cli.word('no_way_back', { step: final.id }) : cli.word('way_back')}`;
}

/** What is typed to agree: the one host it destroys something on, else the runbook's name. */
function targetOf(planned: Planned): string {
  const names = hitBy(planned, ['destructive']);
  return names.length === 1 && names[0] !== undefined ? names[0] : planned.plan.runbook;
}

/** Hosts that steps of these risks act on. */
function hitBy({ plan, targets }: Pick<Planned, 'plan' | 'targets'>, wanted: readonly Risk[]): string[] {
  const places = new Set(
    plan.steps
      .filter((step) => wanted.includes(step.risk))
      .map((step) => (step.each !== null && 'target' in step.each ? step.each.target : step.call.args['on'])),
  );
  return [
    ...new Set(
      Object.entries(targets)
        .filter(([target]) => places.has(target))
        .flatMap(([, nodes]) => nodes.map((node) => node.name)),
    ),
  ];
}
