import { engineVersion } from '../../workflows/core/plan.ts';
import { faults as faultKinds, simulate, type Fault, type Script, type Simulated } from '../../workflows/core/simulate/index.ts';
import { line } from '../../workflows/domain/catalogue/line.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { JsonMap, Severity } from '../../workflows/domain/words.ts';
import type { Cli } from './cli.ts';
import { clock, span } from './duration.ts';
import { usage } from './errors.ts';
import { exit } from './exit.ts';
import { planRunbook, type Planned } from './local.ts';
import { safe } from './safe.ts';

export interface PlayOptions {
  readonly runbook: string;
  readonly inputs: JsonMap;
  readonly faults: readonly string[];
  readonly severity: string | null;
  readonly approve: boolean;
  readonly seed: string | null;
}

/** Exit as the run would: 0, 1, 3 went on over a failure, 7 it stands and waits for a person nobody scripted. */
export async function playRunbook(cli: Cli, options: PlayOptions): Promise<number> {
  const planned = await planRunbook(cli, options.runbook, options.inputs);
  const played = simulate({
    input: {
      run: 'run-0',
      incident: 'inc-0',
      plan: planned.plan,
      plan_hash: planned.hash,
      engine_version: engineVersion,
      inputs: planned.inputs,
      targets: planned.targets,
      alarm: null,
      by: cli.by,
      reason: 'simulated',
      mode: 'simulate',
      hold: null,
    },
    script: scriptOf(planned, options),
    seed: Number(options.seed ?? 1),
    ...(options.severity === null ? {} : { severity: options.severity as Severity }),
  });
  const status = played.state.ended?.status ?? 'waiting';
  const warned = Object.entries(played.state.steps)
    .filter(([, step]) => step.status === 'continued')
    .map(([id]) => id);
  const code = status === 'waiting' ? exit.waitsForApproval : status !== 'ok' ? exit.failed : warned.length > 0 ? exit.warnings : exit.done;
  if (cli.json) {
    cli.document({
      runbook: planned.name,
      hash: planned.hash,
      status,
      seconds: played.duration_ms / 1000,
      warnings: warned,
      timeline: played.timeline,
      pages: played.pages,
      waits: played.stuck,
      exit: code,
    });
    return code;
  }
  for (const row of timeline(cli, played)) cli.say(row);
  cli.say(
    cli.word(warned.length > 0 ? 'ended_warnings' : 'ended', {
      subject: planned.name,
      status,
      span: span(played.duration_ms),
      warnings: warned.join(', '),
    }),
  );
  if (played.state.ended?.problem) cli.hint(safe(played.state.ended.problem.message));
  return code;
}

function timeline(cli: Cli, played: Simulated): string[] {
  return played.timeline.map(({ at_ms, note, of }) => {
    const place = [note.step, note.node].filter(Boolean).join('@');
    const sentence = line(note, { language: cli.language, timezone: 'UTC' });
    return safe(
      `${clock(at_ms).padStart(8)}  ${of === 'incident' ? '! ' : ''}${place === '' ? '' : `${place}: `}${sentence}${note.by ? `  (${note.by})` : ''}`,
    );
  });
}

function scriptOf(planned: Planned, options: PlayOptions): Script {
  const steps = planned.plan.steps.map((step) => step.id);
  const approvals = planned.plan.steps.filter((step) => step.call.kind === 'approve' || step.call.kind === 'manual');
  return {
    faults: options.faults.map((text) => faultOf(text, steps)),
    // Every minute somebody looks and agrees to what waits; a step that does not wait refuses, and nothing happens.
    ...(options.approve
      ? {
          moves: approvals.flatMap((step) =>
            minutes.map((minute) => ({
              at_ms: minute * 60_000,
              move: {
                id: `${step.id}-${minute}`,
                by: 'somebody',
                reason: 'simulated',
                kind: step.call.kind === 'manual' ? ('confirm' as const) : ('approve' as const),
                step: step.id,
              },
            })),
          ),
        }
      : {}),
  };
}

const minutes = Array.from({ length: 120 }, (_, index) => index + 1);

function faultOf(text: string, steps: readonly string[]): { at: string; fault: Fault } {
  const [at = '', kind = ''] = text.split('=');
  const base = at.replace(/[~?]$/, '');
  if (!faultKinds.some((known) => known === kind))
    throw usage(
      `cannot read the fault "${text}": "${kind}" is not one of ${faultKinds.join(', ')}`,
      nearest(kind, faultKinds) ? `did you mean: --fault ${at}=${nearest(kind, faultKinds)}` : 'for example --fault fence=unreachable',
    );
  if (base !== '*' && !base.includes('[') && !steps.includes(base))
    throw usage(
      `cannot read the fault "${text}": there is no step "${base}"`,
      nearest(base, steps) ? `did you mean: --fault ${nearest(base, steps)}=${kind}` : `steps: ${steps.join(', ')}`,
    );
  return { at, fault: kind as Fault };
}
