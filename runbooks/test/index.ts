/** Tests of runbooks: `*.test.yaml`, played on a virtual clock against the simulated shell. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { durationText } from '../../workflows/domain/duration.ts';
import { runTestFile, type CaseResult, type FileResult } from './run.ts';

export { runTestFile, type CaseResult, type FileResult, type Row } from './run.ts';

export interface TestReport {
  readonly files: readonly FileResult[];
  readonly passed: number;
  readonly failed: number;
}

const pattern = /\.test\.ya?ml$/;

/** Every `*.test.yaml` at or below the paths, in order of name. */
export async function testFilesIn(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const each of paths) {
    const isFolder = await stat(each).then(
      (info) => info.isDirectory(),
      () => false,
    );
    if (!isFolder) found.push(each);
    else
      for (const name of await readdir(each, { recursive: true }))
        if (pattern.test(name) && !name.includes('node_modules')) found.push(path.join(each, name));
  }
  return [...new Set(found)].sort();
}

/** Plays the tests. A file that cannot be read counts as one failure. */
export async function testRunbooks(paths: readonly string[]): Promise<TestReport> {
  const files: FileResult[] = [];
  for (const file of await testFilesIn(paths)) files.push(await runTestFile(file));
  const cases = files.flatMap((file) => file.cases);
  const broken = files.filter(({ problems }) => problems.some(({ level }) => level === 'error')).length;
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  return { files, passed: cases.length - failed, failed: failed + broken };
}

/** The report as lines for a terminal, without colour. */
export function reportLines({ files, passed, failed }: TestReport, { from = process.cwd() }: { readonly from?: string } = {}): string[] {
  const show = (file: string) => path.relative(from, file) || file;
  const lines = files.flatMap((file) => fileLines(file, show));
  return [...lines, '', `${passed} passed, ${failed} failed${files.length === 0 ? ' (no *.test.yaml found)' : ''}`];
}

function fileLines({ file, problems, cases }: FileResult, show: (file: string) => string): string[] {
  const isFine = problems.every(({ level }) => level !== 'error') && cases.every(({ failures }) => failures.length === 0);
  const complaints = problems.flatMap((problem) => [
    `  ${show(problem.file)}:${problem.line}:${problem.column}  ${problem.level}  ${problem.message}`,
    ...(problem.hint === null ? [] : [`      ${problem.hint}`]),
  ]);
  return [`${isFine ? 'PASS' : 'FAIL'} ${show(file)}`, ...complaints, ...cases.flatMap((each) => caseLines(each, show(file)))];
}

function caseLines({ name, failures, duration_ms }: CaseResult, file: string): string[] {
  const length = duration_ms === null ? '' : ` (${durationText(duration_ms)})`;
  if (failures.length === 0) return [`  ok   ${name}${length}`];
  return [
    `  FAIL ${name}${length}`,
    ...failures.flatMap(({ at, wanted, found, line }) => [
      `    at ${at}  ${file}:${line}`,
      `      - wanted  ${wanted}`,
      `      + found   ${found}`,
    ]),
  ];
}
