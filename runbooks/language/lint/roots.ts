import { complain } from '../../../activities/platform/yaml/report.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import { referencesSafely } from '../reads.ts';
import type { Moment, Written } from './expressions.ts';
import type { Linted, Rule } from './rule.ts';

const during = ['inputs', 'targets', 'steps', 'run', 'alarm', 'checks', 'objectives'];
const onUnit = ['node', 'item'];
const answer = ['result', 'row', 'out'];

/** What an expression sees, by when it is evaluated. */
const seen: Readonly<Record<Moment['at'], readonly string[]>> = {
  target: ['node', 'inputs'],
  match: ['alarm'],
  alarm: ['alarm', 'inputs'],
  start: ['inputs', 'targets', 'alarm', 'run', 'objectives'],
  check: [...during, ...answer],
  ready: during,
  act: [...during, ...onUnit],
  done: [...during, ...onUnit, ...answer],
  back: [...during, ...onUnit, ...answer],
  failed: [...during, ...onUnit, ...answer, 'error'],
  end: [...during, ...answer, 'error'],
};

/** Keys below a root that are known when the file is written. */
const fixed: Readonly<Record<string, readonly string[]>> = {
  run: [
    'id',
    'incident',
    'runbook',
    'version',
    'title',
    'severity',
    'mode',
    'by',
    'reason',
    'status',
    'started_at',
    'duration',
    'acked_within',
    'undo',
  ],
  alarm: [
    'source',
    'dedup_key',
    'status',
    'name',
    'summary',
    'source_severity',
    'severity',
    'labels',
    'annotations',
    'starts_at',
    'ends_at',
    'links',
    'extra',
  ],
  checks: ['before', 'after'],
  error: ['kind', 'message', 'hint', 'step', 'node', 'exit'],
  objectives: ['rto', 'rpo'],
};

/** Every name an expression reads is one it can see there, and inputs, targets and secrets are declared. */
export const roots: Rule = (linted) => {
  for (const written of linted.expressions) {
    for (const { path } of referencesSafely(written.source)) checkRoot(linted, written, path);
  }
};

function checkRoot({ report, plan, source }: Linted, { path, moment, form }: Written, [root = '', key]: readonly string[]): void {
  if (root === 'secrets') return;
  const visible = seen[moment.at];
  if (!visible.includes(root)) {
    const near = nearest(root, visible);
    const elsewhere = Object.values(seen).some((names) => names.includes(root))
      ? `"${root}" is not known at this place`
      : `nothing is called "${root}"`;
    const quote =
      form === 'cel' && key === undefined && /^[a-z_]+$/.test(root) && near === null ? ` (a text is written in quotes: "${root}")` : '';
    return complain(report, 'error', path, {
      code: 'E-NAME',
      message: elsewhere,
      hint: near === null ? `known here: ${visible.join(', ')}${quote}` : `did you mean "${near}"?`,
    });
  }
  if (key === undefined) return;
  const declared: Readonly<Record<string, readonly string[]>> = {
    inputs: Object.keys(plan.inputs),
    targets: Object.keys(plan.targets),
    ...fixed,
  };
  const known = declared[root];
  if (known === undefined) return;
  if (!known.includes(key)) {
    const near = nearest(key, known);
    return complain(report, 'error', path, {
      code: 'E-NAME',
      message: `"${root}" has no "${key}"`,
      hint: near === null ? `known: ${known.join(', ') || '(none declared)'}` : `did you mean "${near}"?`,
    });
  }
  if (root === 'objectives' && source.objectives?.[key as 'rto' | 'rpo'] === undefined) {
    complain(report, 'error', path, {
      code: 'E-NAME',
      message: `"objectives.${key}" is read and not given`,
      hint: `add objectives: { ${key}: 10m }`,
    });
  }
}
