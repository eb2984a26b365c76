import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { complain, hasErrors, newReport, type Report } from '../../activities/platform/yaml/report.ts';
import { reportShape } from '../../activities/platform/yaml/shape-report.ts';
import { placeOf, readYaml } from '../../activities/platform/yaml/yaml.ts';
import type { Finding } from '../../workflows/domain/finding.ts';
import { durationMs } from '../../workflows/domain/duration.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import { compile } from '../language/compile.ts';
import type { Plan } from '../../workflows/core/plan.ts';
import { judge, type Mismatch } from './judge.ts';
import { playCase } from './play.ts';
import { testFile, type TestCase, type TestFile } from './shape.ts';

export interface Row extends Mismatch {
  /** Time as written. */
  readonly at: string;
  readonly line: number;
}

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly failures: readonly Row[];
  /** Virtual length of the run. */
  readonly duration_ms: number | null;
}

export interface FileResult {
  readonly file: string;
  /** Errors of the test file or its runbook; then no case was played. */
  readonly problems: readonly Finding[];
  readonly cases: readonly CaseResult[];
}

/** Plays one `*.test.yaml`. What is wrong with the file stands in `problems`, with its line; nothing is thrown for it. */
export async function runTestFile(file: string): Promise<FileResult> {
  const report = newReport(file, await readYaml(file));
  const source = hasErrors(report) ? null : check(report);
  if (source === null) return { file, problems: report.findings, cases: [] };
  const compiled = await compileFor(report, source, file);
  if (compiled === null) return { file, problems: report.findings, cases: [] };
  checkSteps(report, source, compiled.plan);
  if (hasErrors(report)) return { file, problems: report.findings, cases: [] };
  return {
    file,
    problems: report.findings,
    cases: source.tests.map((given, index) => playOne(report, source, compiled, { given, index })),
  };
}

function check(report: Report): TestFile | null {
  const result = testFile.safeParse(report.document.value, { jitless: true });
  if (result.success) return result.data;
  reportShape(report, result.error.issues, testFile);
  return null;
}

interface Ready {
  readonly plan: Plan;
  readonly hash: string;
}

async function compileFor(report: Report, { runbook }: TestFile, file: string): Promise<Ready | null> {
  const named = path.resolve(path.dirname(file), runbook ?? path.basename(file).replace(/\.test\.ya?ml$/, '.yaml'));
  const isThere = await stat(named).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isThere) {
    complain(report, 'error', runbook === undefined ? [] : ['runbook'], {
      code: 'E-TEST-RUNBOOK',
      message: `there is no runbook "${path.relative(process.cwd(), named)}"`,
      hint: 'write runbook: FILE, a path from this file',
    });
    return null;
  }
  const { plan, hash, problems } = await compile(await readFile(named), { file: named });
  if (plan !== null && hash !== null) return { plan, hash };
  report.findings.push(...problems.filter(({ level }) => level === 'error'));
  return null;
}

/** Names of steps in a test that the runbook does not have: a test that can never bite is worse than none. */
function checkSteps(report: Report, { tests }: TestFile, plan: Plan): void {
  const known = plan.steps.map(({ id }) => id);
  const look = (place: string | undefined, at: readonly (string | number)[]) => {
    if (place === undefined || place === '*' || place === 'start' || place.includes('[')) return;
    const id = place.replace(/[?~]$/, '');
    if (known.includes(id)) return;
    const near = nearest(id, known);
    complain(report, 'error', at, {
      code: 'E-TEST-STEP',
      message: `runbook "${plan.runbook}" has no step "${id}"`,
      hint: near === null ? `its steps: ${known.join(', ')}` : `did you mean "${near}"?`,
    });
  };
  for (const [index, given] of tests.entries()) {
    for (const list of ['answers', 'faults', 'delays'] as const)
      given[list].forEach(({ at }, place) => look(at, ['tests', index, list, place, 'at']));
    given.moves.forEach((move, place) =>
      (['approve', 'reject', 'skip', 'confirm', 'take_over', 'retry'] as const).forEach((kind) =>
        look(move[kind], ['tests', index, 'moves', place, kind]),
      ),
    );
    given.timetable.forEach((row, place) =>
      row.expect.forEach((each, at) => {
        const path_ = ['tests', index, 'timetable', place, 'expect', ...(row.expect.length > 1 ? [at] : [])];
        for (const name of [each.step, each.performed, ...[each.never ?? []].flat(), ...(each.order ?? []), ...(each.undone ?? [])])
          look(name, path_);
      }),
    );
  }
}

function playOne(
  report: Report,
  file: TestFile,
  { plan, hash }: Ready,
  { given, index }: { readonly given: TestCase; readonly index: number },
): CaseResult {
  const { line } = placeOf(report.document, ['tests', index]);
  try {
    const played = playCase({ plan, hash, file, given });
    const failures = given.timetable.flatMap((row, place) =>
      row.expect.flatMap((each, at): Row[] => {
        const found = judge(played, row.at === 'end' ? null : durationMs(row.at)!, each);
        if (found === null) return [];
        const where = placeOf(report.document, ['tests', index, 'timetable', place, 'expect', ...(row.expect.length > 1 ? [at] : [])]);
        return [{ ...found, at: row.at, line: where.line }];
      }),
    );
    return { name: given.test, line, failures, duration_ms: played.duration_ms };
  } catch (error) {
    return { name: given.test, line, failures: [{ at: '0s', wanted: 'a run', found: (error as Error).message, line }], duration_ms: null };
  }
}
