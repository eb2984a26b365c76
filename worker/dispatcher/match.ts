import type { Loaded } from '../../runbooks/shelf.ts';
import { holds, Instant, interpolate, type Scope, type ScopeValue } from '../../workflows/core/cel.ts';
import type { AlarmTrigger } from '../../workflows/core/plan.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Json, JsonMap, Moment } from '../../workflows/domain/words.ts';

export interface Match {
  readonly runbook: Loaded;
  readonly trigger: AlarmTrigger;
}

/** `alarm` as expressions see it. */
export function alarmScope(alarm: Alarm): ScopeValue {
  return {
    ...alarm,
    extra: alarm.extra ?? {},
    starts_at: alarm.starts_at === null ? null : new Instant(alarm.starts_at),
  } as unknown as ScopeValue;
}

/**
 * Every trigger that is true of the alarm, runbooks by name. An expression that fails (a label it reads is not there) does not
 * match. `allowed` is the source's list; empty = all.
 */
export function matchesOf(runbooks: readonly Loaded[], alarm: Alarm, allowed: readonly string[], now: Moment): readonly Match[] {
  const scope: Scope = { alarm: alarmScope(alarm) };
  const found: Match[] = [];
  for (const runbook of runbooks) {
    if (allowed.length > 0 && !allowed.includes(runbook.name)) continue;
    const trigger = runbook.plan.triggers.find((one): one is AlarmTrigger => one.on === 'alarm' && isTrue(one.match, scope, now));
    if (trigger !== undefined) found.push({ runbook, trigger });
  }
  return found;
}

function isTrue(expression: string, scope: Scope, now: Moment): boolean {
  try {
    return holds(expression, scope, { now });
  } catch {
    return false;
  }
}

/** The trigger's `with`, filled in from the alarm. @throws ExpressionError */
export function inputsFrom(trigger: AlarmTrigger, alarm: Alarm, now: Moment): JsonMap {
  return interpolate(trigger.with as Json, { alarm: alarmScope(alarm) }, { now }) as JsonMap;
}

/** What alarms of one incident have in common; without `converge`, the identity of the alarm itself. */
export function convergeKey(match: Match, alarm: Alarm, inputs: JsonMap | null, now: Moment): string {
  const own = `${match.runbook.name} ${alarm.source} ${alarm.dedup_key}`;
  const { converge } = match.trigger;
  if (converge === null) return own;
  try {
    const key = interpolate(converge.key, { alarm: alarmScope(alarm), ...(inputs === null ? {} : { inputs }) }, { now });
    return `${match.runbook.name} ${typeof key === 'string' ? key : JSON.stringify(key)}`.slice(0, 1_000);
  } catch {
    // Its inputs could not be settled: people are told of it under a key of its own.
    return own;
  }
}
