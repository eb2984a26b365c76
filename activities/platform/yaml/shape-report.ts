import type { z } from 'zod';
import { nearest } from '../../../workflows/domain/nearest.ts';
import { placeOf, type Document, type Path } from './document.ts';
import { knownKeys } from './known-keys.ts';
import { complain, pathText, type Complaint, type Report } from './report.ts';

/** zod's issues as findings: place, nearest known word, the flow-map trap. */
export function reportShape(report: Report, issues: readonly z.core.$ZodIssue[], shape: z.ZodType): void {
  for (const issue of issues) reportIssue(report, issue, shape, []);
}

function reportIssue(report: Report, issue: z.core.$ZodIssue, shape: z.ZodType, before: Path): void {
  const path = [...before, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') return issue.keys.forEach((key) => unknownKey(report, [...path, key], knownKeys(shape, path)));
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    const inner = issue.issues[0];
    return complain(report, 'error', path, { code: 'E-SHAPE', message: `"${pathText(path)}" ${said(inner)}`, hint: null });
  }
  if (issue.code === 'invalid_union') {
    const best = closest(issue.errors);
    if (best !== null) return best.forEach((inner) => reportIssue(report, inner, shape, path));
  }
  const { code, message, hint } = shapeWords(report, issue, path);
  complain(report, 'error', path, { code, message, hint });
}

/** Of a union's branches the one that came furthest; `null` when none says more than "wrong type". */
function closest(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | null {
  const deeper = branches.filter(
    (issues) =>
      issues.length > 0 && !issues.some((issue) => issue.path.length === 0 && ['invalid_type', 'invalid_value'].includes(issue.code)),
  );
  const cost = (issues: readonly z.core.$ZodIssue[]) => issues.length - Math.max(...issues.map(({ path }) => path.length)) / 10;
  return deeper.toSorted((a, b) => cost(a) - cost(b))[0] ?? null;
}

function unknownKey(report: Report, path: Path, known: readonly string[]): void {
  const key = String(path.at(-1));
  const place = placeOf(report.document, path);
  const parent = pathText(path.slice(0, -1)) || 'the file';
  if (place.flow === true && place.bare === true) {
    return complain(report, 'error', path, {
      code: 'E-FLOW-MAP',
      message: `inside { } the text broke into the key "${key}"`,
      hint: 'an expression with [ ] { } , ? or : inside { } must be quoted, or written on its own line below the key',
    });
  }
  const near = nearest(key, known);
  const hint = near === null ? `known keys: ${known.slice(0, 30).join(', ')}` : `did you mean "${near}"?`;
  complain(report, 'error', path, {
    code: 'E-UNKNOWN-KEY',
    message: `"${key}" is not a key of ${parent === 'the file' ? parent : `"${parent}"`}`,
    hint,
  });
}

function shapeWords(report: Report, issue: z.core.$ZodIssue, path: Path): Required<Complaint> {
  const name = `"${pathText(path) || report.file}"`;
  const code = 'E-SHAPE';
  if (issue.code === 'invalid_type' && !hasValue(report, path))
    return { code: 'E-MISSING', message: `${name} is missing`, hint: `add ${String(path.at(-1))}: …` };
  const value = valueAt(report.document, path);
  if (issue.code === 'invalid_type')
    return { code, message: `${name} must be ${article(issue.expected)}, not ${shown(value)}`, hint: typeHint(issue.expected, value) };
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const near = nearest(String(value), words);
    return {
      code,
      message: `${name} must be one of ${words.join(', ')}, not ${shown(value)}`,
      hint: near === null ? null : `did you mean "${near}"?`,
    };
  }
  if (issue.code === 'invalid_union')
    return { code, message: `${name} has a value of the wrong form: ${shown(value)}`, hint: 'see the page of the language for its forms' };
  return {
    code,
    message: `${name} ${said(issue)}${value !== null && typeof value === 'object' ? '' : `, not ${shown(value)}`}`,
    hint: null,
  };
}

function said(issue: { readonly message: string } | undefined): string {
  const message = issue?.message ?? 'is not valid';
  return /^(must|is|holds|has)\b/.test(message) ? message : `is not valid: ${message.toLowerCase()}`;
}

function article(type: string): string {
  const word = { record: 'a map', object: 'a map', array: 'a list', int: 'a whole number', string: 'a text', boolean: 'true or false' }[
    type
  ];
  return word ?? `a ${type}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'a map';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function valueAt(document: Document, path: Path): unknown {
  let value: unknown = document.value;
  for (const key of path) value = (value as { [key: string]: unknown } | null | undefined)?.[key as string];
  return value;
}

function hasValue(report: Report, path: Path): boolean {
  return valueAt(report.document, path) !== undefined;
}

function typeHint(expected: string, value: unknown): string | null {
  if (value === null) return 'give it a value or remove the key';
  if (expected !== 'string') return null;
  return typeof value === 'number' ? `put it in quotes; a time needs its unit: ${value}s, ${value}m` : 'put it in quotes';
}
