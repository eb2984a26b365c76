import type { JsonMap } from '../domain/words.ts';
import { note, type Draft } from './draft.ts';
import { addTask } from './task.ts';

export interface TellOptions {
  /** Step that people are told about. */
  readonly about: string;
  readonly to: readonly string[];
  readonly template: string;
  readonly values: JsonMap;
}

/** Tells people beside the steps: nothing waits for it, and a failure is a line of the timeline. */
export function tell(draft: Draft, { about, to, template, values }: TellOptions): void {
  if (to.length === 0) return;
  const { tasks, input } = draft.state;
  let number = 1;
  while (tasks[`${about}!${number}`] !== undefined) number++;
  const args: JsonMap = { to: [...to], template, severity: input.plan.severity, with: { ...values, run: input.run, runbook: input.plan.title } };
  addTask(draft, `${about}!${number}`, { use: 'tell', role: 'react', step: about, title: input.plan.title, call: { kind: 'notify', args } });
  note(draft, 'told', { step: about, values: { to: [...to], template } });
}
