import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import type { Alarm } from '../../../workflows/domain/alarm.ts';
import type { IncidentInput } from '../../../workflows/core/people.ts';
import type { RunInput } from '../../../workflows/core/run.ts';

/** Remembers what it was told; ends when told of an alarm called `stop`. */
export async function incident(input: IncidentInput): Promise<readonly string[]> {
  const told: string[] = [];
  setHandler(defineUpdate<{ joined: true }, [Alarm]>('alarm'), (alarm) => {
    told.push(`${alarm.name} ${alarm.status} ${alarm.dedup_key}`);
    return { joined: true };
  });
  setHandler(defineUpdate<readonly string[], []>('told'), () => told);
  await condition(() => told.some((line) => line.startsWith('stop ')));
  return [input.incident, ...told];
}

export async function runRunbook(input: RunInput): Promise<string> {
  return `${input.run} ${input.plan.runbook} ${JSON.stringify(input.inputs)} ${input.hold ?? ''}`;
}
