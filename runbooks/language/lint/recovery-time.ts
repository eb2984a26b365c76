import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Plan, Retry, Step } from '../../../workflows/core/plan.ts';
import { durationMs, durationText } from '../../../workflows/domain/duration.ts';
import type { Rule } from './rule.ts';

/** If every step takes as long as it may, the service must still be back in time. */
export const recoveryTime: Rule = ({ report, plan, graph }) => {
  const { rto_ms } = plan.objectives;
  if (rto_ms === null || graph.cycle !== null) return;
  const { ms, steps } = longest(plan);
  if (ms <= rto_ms) return;
  complain(report, 'warning', ['objectives', 'rto'], {
    code: 'W-RTO',
    message: `at worst the steps take ${durationText(ms)}, longer than the objective of ${durationText(rto_ms)}: ${steps.join(' → ')}`,
    hint: 'shorten timeouts and retries, or let steps run side by side with needs',
  });
};

/** The longest way through `needs`, and the time of its steps. */
function longest({ steps }: Plan): { readonly ms: number; readonly steps: readonly string[] } {
  const known = new Map<string, { readonly ms: number; readonly steps: readonly string[] }>();
  const none = { ms: 0, steps: [] as readonly string[] };
  const byId = new Map(steps.map((step) => [step.id, step]));
  const wayTo = (step: Step): { readonly ms: number; readonly steps: readonly string[] } => {
    const done = known.get(step.id);
    if (done !== undefined) return done;
    const before = step.needs.flatMap((need) => (byId.has(need) ? [wayTo(byId.get(need)!)] : []));
    const most = before.reduce((best, each) => (each.ms > best.ms ? each : best), none);
    const own = worst(step);
    const way = { ms: most.ms + own, steps: own > 0 ? [...most.steps, `${step.id} ${durationText(own)}`] : most.steps };
    known.set(step.id, way);
    return way;
  };
  return steps.map(wayTo).reduce((best, each) => (each.ms > best.ms ? each : best), none);
}

/** A step without a limit (an approval without timeout) counts nothing: the machine does not know. */
function worst({ timeout_ms, retry, call, drill: _drill }: Step): number {
  const waited = call.kind === 'wait' && typeof call.args['for'] === 'string' ? (durationMs(call.args['for']) ?? 0) : 0;
  const own = timeout_ms ?? waited;
  if (retry.for_ms !== null) return retry.for_ms;
  return own * retry.max + pauses(retry);
}

function pauses({ max, delay_ms, backoff }: Retry): number {
  let sum = 0;
  for (let attempt = 1; attempt < Math.min(max, 100); attempt++) sum += delay_ms * backoff ** (attempt - 1);
  return sum;
}
