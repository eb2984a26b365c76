import type { Json, JsonMap } from '../../domain/words.ts';
import { changeStep, note, setTimer, stepOf, type Draft } from '../draft.ts';
import { durationMs } from '../../domain/duration.ts';
import { filledMap } from '../expressions.ts';
import { fail, succeed } from '../finish.ts';
import { defaultTiers } from '../incident/ladder.ts';
import type { Step } from '../plan.ts';
import type { Vote } from '../state.ts';
import { tell } from '../tell.ts';

function words(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function onTimeout(value: Json | undefined): Vote['on_timeout'] {
  return value === 'approve' || value === 'reject' ? value : 'escalate';
}

/** Arguments of `approve` and `manual` as a question to people. */
export function voteOf(draft: Draft, step: Pick<Step, 'title' | 'timeout_ms'>, args: JsonMap): Vote {
  const by = (typeof args['by'] === 'string' ? { role: args['by'] } : (args['by'] ?? {})) as JsonMap;
  const role = typeof by['role'] === 'string' ? by['role'] : null;
  const told = words(args['notify']);
  return {
    role,
    quorum: typeof by['quorum'] === 'number' ? by['quorum'] : 1,
    not_requester: by['not_requester'] !== false,
    delegates: words(by['delegates']),
    by: [],
    ask: typeof args['ask'] === 'string' ? args['ask'] : step.title,
    tell: told.length > 0 ? told : [role ?? draft.state.input.plan.owner],
    on_timeout: onTimeout(args['on_timeout']),
    timeout_ms: typeof args['timeout'] === 'string' ? durationMs(args['timeout']) : step.timeout_ms,
    timeouts: 0,
  };
}

/** `approve`: people answer; nothing but their answers and the clock moves it. */
export function approve(draft: Draft, step: Step): void {
  const args = filledMap(draft.state, step.call.args, `approve of step "${step.id}"`);
  if ('problem' in args) return fail(draft, step.id, { problem: args.problem });
  open(draft, step.id, voteOf(draft, step, args.value));
}

function open(draft: Draft, id: string, vote: Vote): void {
  changeStep(draft, id, { status: 'waiting', started_at: draft.state.steps[id]!.started_at ?? draft.at, vote });
  const until = vote.timeout_ms === null ? null : draft.at + vote.timeout_ms;
  note(draft, 'approval.asked', { step: id, values: { ask: vote.ask, role: vote.role, quorum: vote.quorum, until } });
  if (until !== null) setTimer(draft, `${id}@vote`, { kind: 'vote', of: id, at: until, units: [] });
  tell(draft, { about: id, to: vote.tell, template: 'approval_asked', values: { step: id, ask: vote.ask, quorum: vote.quorum, until } });
}

export function approved(draft: Draft, id: string, by: string): void {
  const vote = draft.state.steps[id]!.vote!;
  const voters = [...vote.by, by];
  changeStep(draft, id, { vote: { ...vote, by: voters } });
  note(draft, 'approval.voted', { step: id, by, values: { by, vote: 'approve', count: voters.length, quorum: vote.quorum } });
  if (voters.length >= vote.quorum) grant(draft, id);
}

function grant(draft: Draft, id: string): void {
  const { by } = draft.state.steps[id]!.vote!;
  note(draft, 'approval.granted', { step: id, values: { by: [...by] } });
  succeed(draft, id, { by: [...by] });
}

/** One no is a no: the step fails, and its on_failure decides about the run. */
export function rejected(draft: Draft, id: string, reason: string, by: string | null): void {
  note(draft, 'approval.rejected', { step: id, by, values: { reason } });
  const who = by === null ? 'nobody approved in time' : `${by} rejected it: ${reason}`;
  fail(draft, id, {
    problem: {
      kind: 'refused',
      message: `approval "${draft.state.steps[id]!.vote!.ask}": ${who}`,
      hint: 'start a new run when the reason is gone',
    },
  });
}

/** Escalation goes up the line of the run's severity, one tier each time, and the question stays open. */
export function voteTimedOut(draft: Draft, id: string): void {
  const { status, vote } = draft.state.steps[id]!;
  if (status !== 'waiting' || vote === null) return;
  const { plan } = draft.state.input;
  if (stepOf(draft, id).call.kind === 'manual')
    return fail(draft, id, { problem: { kind: 'timeout', message: `nobody confirmed in time: ${vote.ask}`, hint: null } });
  const tiers = plan.escalation[plan.severity].length > 0 ? plan.escalation[plan.severity] : defaultTiers[plan.severity];
  const to = vote.on_timeout !== 'escalate' ? [] : (tiers[Math.min(vote.timeouts, tiers.length - 1)]?.to ?? [plan.owner]);
  note(draft, 'approval.timed_out', { step: id, values: { then: vote.on_timeout, to: [...to] } });
  if (vote.on_timeout === 'approve') return grant(draft, id);
  if (vote.on_timeout === 'reject') return rejected(draft, id, 'timeout', null);
  changeStep(draft, id, { vote: { ...vote, timeouts: vote.timeouts + 1 } });
  tell(draft, { about: id, to, template: 'approval_escalated', values: { step: id, ask: vote.ask, quorum: vote.quorum } });
  const hasMore = vote.timeouts + 1 < Math.max(1, tiers.length);
  if (hasMore) setTimer(draft, `${id}@vote`, { kind: 'vote', of: id, at: draft.at + vote.timeout_ms!, units: [] });
}
