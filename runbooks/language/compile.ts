import { createHash } from 'node:crypto';
import { parseYaml, type Document } from '../../activities/platform/yaml/yaml.ts';
import type { Plan } from '../../workflows/core/plan.ts';
import { canonical } from '../../workflows/domain/canonical.ts';
import type { Finding } from '../../workflows/domain/finding.ts';
import type { Json } from '../../workflows/domain/words.ts';
import { expandChecks } from './expand/check.ts';
import { withPlaces } from './expand/places.ts';
import { expandReactions } from './expand/reaction.ts';
import { expandSteps } from './expand/step.ts';
import { complain, hasErrors, newReport, type Report } from '../../activities/platform/yaml/report.ts';
import { reportShape } from '../../activities/platform/yaml/shape-report.ts';
import { lint } from './lint/index.ts';
import { expandDrill } from './shapes/drill.ts';
import { expandEscalation } from './shapes/escalation.ts';
import { expandInput } from './shapes/input.ts';
import { runbook, type RunbookSource } from './shapes/runbook.ts';
import { expandTarget } from './shapes/target.ts';
import { expandTrigger } from './shapes/trigger.ts';
import { ms } from './shapes/words.ts';
import { refuseUnsupported } from './unsupported.ts';

export interface Compiled {
  /** `null` when there is any error. */
  readonly plan: Plan | null;
  /** SHA-256 of the plan's canonical JSON, in hex. */
  readonly hash: string | null;
  readonly problems: readonly Finding[];
}

/** Reads a runbook: YAML → checked → defaults spelt out → linted → hashed. Never throws for what the file says. */
export async function compile(text: string | Uint8Array, { file }: { readonly file: string }): Promise<Compiled> {
  return compileDocument(await parseYaml(text), { file });
}

export function compileDocument(document: Document, { file }: { readonly file: string }): Compiled {
  const report = newReport(file, document);
  const source = hasErrors(report) ? null : check(report, document.value);
  const plan = source === null || hasErrors(report) ? null : expand(report, source);
  if (plan !== null && source !== null && !hasErrors(report)) lint(report, plan, source);
  const problems = report.findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (plan === null || hasErrors(report)) return { plan: null, hash: null, problems };
  return { plan, hash: planHash(plan), problems };
}

export function planHash(plan: Plan): string {
  return createHash('sha256')
    .update(canonical(plan as unknown as Json))
    .digest('hex');
}

function check(report: Report, value: Json): RunbookSource | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const what = value === null ? 'the file is empty' : `the file holds ${Array.isArray(value) ? 'a list' : 'a single value'}, not a map`;
    complain(report, 'error', [], { code: 'E-SHAPE', message: what, hint: 'begin with "runbook: name"; tocsin init writes an example' });
    return null;
  }
  const result = runbook.safeParse(refuseUnsupported(report, value), { jitless: true });
  if (result.success) return result.data as unknown as RunbookSource;
  reportShape(report, result.error.issues, runbook);
  return null;
}

function expand(report: Report, source: RunbookSource): Plan {
  const { objectives, secrets } = source;
  return withPlaces({
    runbook: source.runbook,
    version: source.version,
    title: source.title,
    owner: source.owner,
    severity: source.severity,
    objectives: {
      rto_ms: objectives?.rto === undefined ? null : ms(objectives.rto),
      rpo_ms: objectives?.rpo === undefined ? null : ms(objectives.rpo),
    },
    triggers: source.triggers.map(expandTrigger),
    inputs: mapValues(source.inputs, expandInput),
    secrets: mapValues(secrets, (secret) => secret),
    targets: mapValues(source.targets, expandTarget),
    lock: source.lock ?? [],
    escalation: expandEscalation(source.escalation),
    checks: {
      before: expandChecks(report, source.checks.before, ['checks', 'before']),
      after: expandChecks(report, source.checks.after, ['checks', 'after']),
    },
    steps: expandSteps(report, source),
    on_failure: expandReactions(report, source.on_failure, 'on_failure'),
    finally: expandReactions(report, source.finally, 'finally'),
    drill: expandDrill(source.drill),
  });
}

function mapValues<A, B>(map: { readonly [key: string]: A }, change: (value: A) => B): { [key: string]: B } {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
