import { changeStep, type Draft } from '../draft.ts';
import { filledMap, isTrue } from '../expressions.ts';
import { fail, succeed } from '../finish.ts';
import type { Step } from '../plan.ts';

/** `set`: its values become its `out`; `out` may add more that reads them. */
export function set(draft: Draft, step: Step): void {
  changeStep(draft, step.id, { status: 'running', started_at: draft.at });
  const values = filledMap(draft.state, step.call.args, `set of step "${step.id}"`);
  if ('problem' in values) return fail(draft, step.id, { problem: values.problem });
  const more = filledMap(draft.state, step.out, `out of step "${step.id}"`, { result: values.value, out: values.value });
  if ('problem' in more) return fail(draft, step.id, { problem: more.problem });
  const out = { ...values.value, ...more.value };
  if (step.expect === null) return succeed(draft, step.id, out);
  const answer = isTrue(draft.state, step.expect, `expect of step "${step.id}"`, { result: values.value, out });
  if ('problem' in answer) return fail(draft, step.id, { problem: { ...answer.problem, kind: 'expect' }, out });
  if (answer.value) return succeed(draft, step.id, out);
  fail(draft, step.id, { problem: { kind: 'expect', message: `expect of step "${step.id}": "${step.expect}" is false`, hint: null }, out });
}
