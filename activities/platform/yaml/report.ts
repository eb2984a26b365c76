import type { Finding } from '../../../workflows/domain/finding.ts';
import { placeOf, type Document, type Path } from './document.ts';

/** Collects findings of one file and knows where its keys stand. */
export interface Report {
  readonly file: string;
  readonly document: Document;
  readonly findings: Finding[];
}

export interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | null;
}

export function newReport(file: string, document: Document): Report {
  const flaws = document.flaws.map((flaw) => ({ file, level: 'error' as const, ...flaw }));
  return { file, document, findings: flaws };
}

export function complain(report: Report, level: Finding['level'], path: Path, { code, message, hint = null }: Complaint): void {
  const { line, column } = placeOf(report.document, path);
  report.findings.push({ file: report.file, line, column, level, code, message, hint });
}

export function hasErrors(report: Report): boolean {
  return report.findings.some(({ level }) => level === 'error');
}

/** `steps[2].ssh.run`, for messages. */
export function pathText(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}
