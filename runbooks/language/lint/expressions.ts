import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import type { Json } from '../../../workflows/domain/words.ts';
import { kinds } from '../kinds/index.ts';
import { expressionsSafely } from '../reads.ts';
import { rundeckToCel } from '../where.ts';
import type { CallSource, RunbookSource } from '../shapes/runbook.ts';

/** Where in the life of a run an expression is evaluated; decides which roots it sees and which steps are done. */
export type Moment =
  | { readonly at: 'target' | 'match' | 'alarm' | 'start' | 'check' | 'end' }
  /** `ready` before the step acts, `act` for each unit, `done` on its answer, `back` its undo. */
  | { readonly at: 'ready' | 'act' | 'done' | 'back' | 'failed'; readonly step: number };

export interface Written {
  readonly source: string;
  readonly path: Path;
  readonly moment: Moment;
  /** Bare CEL of a key, or part of a text in `${{ }}`. */
  readonly form: 'cel' | 'template';
  /** The whole text it stands in, for templates. */
  readonly whole: string;
}

/** Every expression of a runbook with its place. */
export function expressionsOf(source: RunbookSource): Written[] {
  const found: Written[] = [];
  const cel = (path: Path, moment: Moment, value: unknown) => {
    if (typeof value === 'string') found.push({ source: value, path, moment, form: 'cel', whole: value });
  };
  const template = (path: Path, moment: Moment, value: unknown) =>
    walk(value as Json, path, (text, at) => {
      for (const each of expressionsSafely(text)) found.push({ source: each, path: at, moment, form: 'template', whole: text });
    });
  const out: Collector = { cel, template };
  collectTop(source, out);
  source.steps.forEach((step, index) => collectStep(step, index, out));
  for (const when of ['before', 'after'] as const) {
    source.checks[when].forEach((check, index) => collectAct(check, ['checks', when, index], { at: 'check' }, out));
  }
  for (const section of ['on_failure', 'finally'] as const) {
    source[section].forEach((reaction, index) => collectAct(reaction, [section, index], { at: 'end' }, out));
  }
  return found;
}

interface Collector {
  readonly cel: (path: Path, moment: Moment, value: unknown) => void;
  readonly template: (path: Path, moment: Moment, value: unknown) => void;
}

function collectTop(source: RunbookSource, { cel, template }: Collector): void {
  for (const [name, target] of Object.entries(source.targets)) {
    cel(['targets', name, 'where'], { at: 'target' }, rundeckToCel(target.where) ?? target.where);
    cel(['targets', name, 'pick'], { at: 'target' }, target.pick?.slice(4, -1));
  }
  source.triggers.forEach((trigger, index) => {
    if (!('alarm' in trigger)) return;
    const path = ['triggers', index, 'alarm'];
    cel([...path, 'match'], { at: 'match' }, trigger.alarm.match);
    template([...path, 'with'], { at: 'match' }, trigger.alarm.with);
    template([...path, 'converge', 'key'], { at: 'alarm' }, trigger.alarm.converge?.key);
  });
  template(['lock'], { at: 'start' }, source.lock);
  source.drill?.score.forEach((score, index) => cel(['drill', 'score', index, 'expect'], { at: 'end' }, score.expect));
}

function collectStep(step: CallSource, index: number, out: Collector): void {
  const path: Path = ['steps', index];
  out.cel([...path, 'when'], { at: 'ready', step: index }, step['when']);
  out.template([...path, 'lock'], { at: 'ready', step: index }, step['lock']);
  collectAct(step, path, { at: 'act', step: index }, out);
  out.template([...path, 'out'], { at: 'done', step: index }, step['out']);
  out.cel([...path, 'retry', 'until'], { at: 'done', step: index }, (step['retry'] as { until?: string } | undefined)?.until);
  if (step['done_when'] !== undefined) collectAct(step['done_when'] as CallSource, [...path, 'done_when'], { at: 'act', step: index }, out);
  if (typeof step['undo'] === 'object') collectAct(step['undo'] as CallSource, [...path, 'undo'], { at: 'back', step: index }, out);
  const failure = step['on_failure'] as { when?: string } | undefined;
  out.cel([...path, 'on_failure', 'when'], { at: 'failed', step: index }, failure?.when);
}

/** A call with its `expect` and `message`; `expect` and `until` see the answer. */
function collectAct(act: CallSource, path: Path, moment: Moment, out: Collector): void {
  const answered: Moment = 'step' in moment ? { at: moment.at === 'back' ? 'back' : 'done', step: moment.step } : moment;
  for (const key of Object.keys(act)) if (kinds.has(key)) out.template([...path, key], moment, act[key]);
  const until = (act['wait'] as { until?: string } | undefined)?.until;
  if (until !== undefined && !until.includes('${{') && Number.isNaN(Date.parse(until))) out.cel([...path, 'wait', 'until'], moment, until);
  out.cel([...path, 'expect'], answered, act['expect']);
  out.template([...path, 'message'], moment, act['message']);
  if (!('step' in moment) || moment.at === 'back')
    out.cel([...path, 'retry', 'until'], answered, (act['retry'] as { until?: string } | undefined)?.until);
}

function walk(value: Json | undefined, path: Path, each: (text: string, path: Path) => void): void {
  if (typeof value === 'string') return each(value, path);
  if (value === null || value === undefined || typeof value !== 'object') return;
  if (Array.isArray(value)) return value.forEach((item, index) => walk(item, [...path, index], each));
  for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key], each);
}
