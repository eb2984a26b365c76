import { change, note, type Draft } from './draft.ts';
import type { Reaction } from './plan.ts';
import { addTask, dropTask } from './task.ts';
import { runUndo } from './undo.ts';

type Side = 'on_failure' | 'finally';

/** Reactions one after the other; a failed one is a line of the timeline and the rest go on. Gives whether all are through. */
export function react(draft: Draft, side: Side): boolean {
  const list = draft.state.input.plan[side];
  for (;;) {
    const index = draft.state.reaction;
    const reaction = list[index];
    if (reaction === undefined) return true;
    if (!one(draft, reaction, `${side}[${index}]`)) return false;
    change(draft, { reaction: index + 1 });
  }
}

function one(draft: Draft, reaction: Reaction, id: string): boolean {
  if (reaction.do === 'undo') return runUndo(draft);
  const task = draft.state.tasks[id];
  if (task === undefined) {
    start(draft, reaction, id);
    return false;
  }
  if (task.status !== 'ok' && task.status !== 'failed') return false;
  dropTask(draft, id);
  const { problem } = task;
  if (task.status === 'ok') note(draft, 'reaction.ok', { values: { name: task.title } });
  else
    note(draft, 'reaction.failed', {
      values: { name: task.title, kind: problem?.kind ?? 'unknown', message: problem?.message ?? '', hint: problem?.hint ?? null },
    });
  return true;
}

function start(draft: Draft, reaction: Exclude<Reaction, { do: 'undo' }>, id: string): void {
  if (reaction.do === 'call') {
    const { call, expect, retry, timeout_ms } = reaction;
    addTask(draft, id, { use: 'react', role: 'react', step: id, title: reaction.id, call, expect, retry, timeout_ms });
    return note(draft, 'reaction.started', { values: { name: reaction.id, kind: call.kind } });
  }
  const { input, failure } = draft.state;
  const values = { run: input.run, runbook: input.plan.title, step: failure?.step ?? null, message: failure?.problem.message ?? null };
  const args = { to: [...reaction.to], template: 'escalated', severity: input.plan.severity, with: values };
  addTask(draft, id, { use: 'react', role: 'react', step: id, title: 'escalate', call: { kind: 'notify', args } });
  note(draft, 'escalated', { values: { to: [...reaction.to] } });
}
