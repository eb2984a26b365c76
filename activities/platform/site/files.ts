import { existsSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { Finding } from '../../../workflows/domain/finding.ts';
import { hasErrors, newReport, complain, type Report } from '../yaml/report.ts';
import { reportShape } from '../yaml/shape-report.ts';
import { readYaml } from '../yaml/yaml.ts';

export interface Read<T> {
  /** `null` when the file has errors; the shape's defaults when it is absent. */
  readonly value: T | null;
  readonly report: Report;
  readonly file: string;
}

/** Reads one file of a site against its shape. Only `site.yaml` must exist. */
export async function readShaped<S extends z.ZodType>(file: string, shape: S, { required = false } = {}): Promise<Read<z.infer<S>>> {
  const document = !required && !existsSync(file) ? { value: {}, places: {}, flaws: [] } : await readYaml(file, { own: true });
  const report = newReport(file, document);
  if (hasErrors(report)) return { value: null, report, file };
  const { value } = document;
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    complain(report, 'error', [], { code: 'E-SHAPE', message: 'the file does not hold a map', hint: 'tocsin init writes an example' });
    return { value: null, report, file };
  }
  const result = shape.safeParse(value ?? {}, { jitless: true });
  if (result.success) return { value: result.data, report, file };
  reportShape(report, result.error.issues, shape);
  return { value: null, report, file };
}

/** Absolute path of what a file of the site names; `~` is the home directory. */
export function resolvePath(folder: string, written: string): string {
  const home = process.env['HOME'] ?? '/';
  return path.resolve(folder, written === '~' || written.startsWith('~/') ? path.join(home, written.slice(1)) : written);
}

export function warning(file: string, code: string, message: string, hint: string | null, line = 1): Finding {
  return { file, line, column: 1, level: 'warning', code, message, hint };
}

export function error(file: string, code: string, message: string, hint: string | null, line = 1): Finding {
  return { file, line, column: 1, level: 'error', code, message, hint };
}
