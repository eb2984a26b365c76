import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import type { Reaction } from '../../../workflows/core/plan.ts';
import { complain, pathText, type Report } from '../../../activities/platform/yaml/report.ts';
import { kinds } from '../kinds/index.ts';
import { expandRetry, type RetrySource } from '../shapes/retry.ts';
import type { CallSource } from '../shapes/runbook.ts';
import { ms } from '../shapes/words.ts';
import { expandCall, kindsIn } from './call.ts';
import { timeoutDefault } from './step.ts';

export function expandReactions(report: Report, sources: readonly CallSource[], section: 'on_failure' | 'finally'): Reaction[] {
  return sources.map((source, index) => expandReaction(report, source, [section, index]));
}

function expandReaction(report: Report, source: CallSource, path: Path): Reaction {
  const { undo, escalate, id, expect, timeout, retry } = source as {
    undo?: 'all';
    escalate?: { to: string | string[] };
    id?: string;
    expect?: string;
    timeout?: string;
    retry?: RetrySource;
  };
  const acts = [...(undo === undefined ? [] : ['undo']), ...(escalate === undefined ? [] : ['escalate']), ...kindsIn(source)];
  if (acts.length !== 1) {
    const message = acts.length === 0 ? 'does nothing' : `does more than one thing: ${acts.join(', ')}`;
    complain(report, 'error', path, {
      code: 'E-KIND',
      message: `"${pathText(path)}" ${message}`,
      hint: `write exactly one of undo, escalate, ${[...kinds.keys()].join(', ')}`,
    });
  }
  if (undo !== undefined) return { do: 'undo' };
  if (escalate !== undefined) return { do: 'escalate', to: [escalate.to].flat() };
  const call = acts.length === 0 ? { kind: 'none', args: {} } : expandCall(report, source, path);
  return {
    do: 'call',
    id: id ?? `${String(path[0])}_${Number(path[1]) + 1}`,
    call,
    timeout_ms: timeout === undefined ? timeoutDefault : ms(timeout),
    retry: expandRetry(retry),
    expect: expect ?? null,
  };
}
