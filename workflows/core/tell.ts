import type { JsonMap } from '../domain/words.ts';
import { change, note, type Draft } from './draft.ts';
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
  const { input } = draft.state;
  const told = draft.state.told + 1;
  change(draft, { told });
  const args: JsonMap = {
    to: [...to],
    template,
    severity: input.plan.severity,
    with: { ...values, run: input.run, runbook: input.plan.title },
  };
  addTask(draft, `${about}!${told}`, { use: 'tell', role: 'react', step: about, title: input.plan.title, call: { kind: 'notify', args } });
  note(draft, 'told', { step: about, values: { to: [...to], template } });
}
