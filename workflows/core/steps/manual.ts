import { change, changeStep, note, setTimer, type Draft } from '../draft.ts';
import { filledMap } from '../expressions.ts';
import { fail } from '../finish.ts';
import type { Step } from '../plan.ts';
import type { UnitState } from '../state.ts';
import { tell } from '../tell.ts';
import { voteOf } from './approve.ts';

/** From the moment they are asked, nobody can say whether they have begun; so its undo is on the list from then on. */
const byHand: UnitState = {
  status: 'asking',
  label: null,
  node: null,
  item: null,
  tries: 1,
  spent: 1,
  first_at: null,
  ran: 'unknown',
  problem: null,
  exit: null,
  out: null,
};

/** `manual`: a person does it and confirms. When the time for it runs out, the step has failed. */
export function manual(draft: Draft, step: Step): void {
  const args = filledMap(draft.state, step.call.args, `manual of step "${step.id}"`);
  if ('problem' in args) return fail(draft, step.id, { problem: args.problem });
  const vote = { ...voteOf(draft, step, args.value), not_requester: false, quorum: 1 };
  changeStep(draft, step.id, { status: 'waiting', started_at: draft.at, vote, units: [{ ...byHand, first_at: draft.at }] });
  change(draft, { begun: [...draft.state.begun, step.id] });
  const until = vote.timeout_ms === null ? null : draft.at + vote.timeout_ms;
  note(draft, 'manual.asked', { step: step.id, values: { ask: vote.ask, role: vote.role, until } });
  if (until !== null) setTimer(draft, `${step.id}@vote`, { kind: 'vote', of: step.id, at: until, units: [] });
  tell(draft, { about: step.id, to: vote.tell, template: 'manual_asked', values: { step: step.id, ask: vote.ask, until } });
}
