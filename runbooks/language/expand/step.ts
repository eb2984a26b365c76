import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import type { Call, Question, Step, Undo } from '../../../workflows/core/plan.ts';
import { durationMs } from '../../../workflows/domain/duration.ts';
import type { Json, Risk } from '../../../workflows/domain/words.ts';
import type { Report } from '../../../activities/platform/yaml/report.ts';
import { kinds, type Kind } from '../kinds/index.ts';
import { expandRetry, type RetrySource } from '../shapes/retry.ts';
import type { CallSource, RunbookSource } from '../shapes/runbook.ts';
import type { StepSource } from '../shapes/step.ts';
import { ms } from '../shapes/words.ts';
import { expandCall, expandQuestion } from './call.ts';

export const timeoutDefault = 60_000;

export function expandSteps(report: Report, { steps, targets }: RunbookSource): Step[] {
  const above: string[] = [];
  return steps.map((source, index) => {
    const step = expandStep(report, source, ['steps', index], { above: [...above], targets });
    above.push(step.id);
    return step;
  });
}

interface Around {
  readonly above: readonly string[];
  readonly targets: RunbookSource['targets'];
}

function expandStep(report: Report, raw: CallSource, path: Path, { above, targets }: Around): Step {
  const source = raw as unknown as StepSource;
  const call = expandCall(report, raw, path);
  const kind = kinds.get(call.kind);
  const risk = source.risk ?? riskOf(kind, call);
  const done_when = source.done_when === undefined ? null : expandQuestion(report, source.done_when, [...path, 'done_when']);
  return {
    id: source.id,
    title: source.title ?? source.id,
    needs: [...new Set(source.needs ?? above)],
    when: source.when ?? null,
    each: expandEach(source.each, targets),
    batch: source.batch ?? null,
    max_failures: source.max_failures ?? { count: 0 },
    risk,
    idempotent: source.idempotent ?? (risk === 'read' || kind?.idempotent === true || done_when !== null),
    lock: source.lock ?? null,
    ...(kind?.chunk === undefined ? {} : { chunk: kind.chunk }),
    timeout_ms: timeoutOf(source, call, kind),
    heartbeat_ms: ms(source.heartbeat),
    retry: expandRetry(source.retry),
    call,
    done_when,
    expect: source.expect ?? null,
    out: (source.out ?? {}) as { [name: string]: Json },
    undo: expandUndo(report, source.undo, [...path, 'undo']),
    pivot: source.pivot,
    on_failure: expandFailure(source.on_failure),
    drill: source.drill ?? null,
  };
}

function riskOf(kind: Kind | undefined, { args }: Call): Risk {
  return kind === undefined ? 'change' : kind.risk(args);
}

/** The step's own, or what the kind's arguments say (`approve`, `manual`), or the kind's default. */
function timeoutOf(source: StepSource, { args }: Call, kind: Kind | undefined): number | null {
  if (source.timeout !== undefined) return ms(source.timeout);
  if (kind?.where !== 'machine') return kind?.timeout_ms ?? timeoutDefault;
  const own = args['timeout'];
  return typeof own === 'string' ? durationMs(own) : kind.timeout_ms;
}

function expandEach(each: StepSource['each'], targets: RunbookSource['targets']): Step['each'] {
  if (each === undefined) return null;
  if (typeof each !== 'string') return { list: JSON.stringify(each) };
  return Object.hasOwn(targets, each) ? { target: each } : { list: each };
}

export function expandUndo(report: Report, source: StepSource['undo'], path: Path): Undo | null {
  if (source === undefined || source === 'none') return null;
  const { retry, timeout } = source as { retry?: RetrySource; timeout?: string };
  const question: Question = expandQuestion(report, source, path);
  return { ...question, retry: expandRetry(retry), timeout_ms: timeout === undefined ? timeoutDefault : ms(timeout) };
}

function expandFailure(source: StepSource['on_failure']): Step['on_failure'] {
  if (source === undefined) return null;
  return { when: source.when ?? null, do: source.do, note: source.note ?? null, open: source.open ?? null };
}
