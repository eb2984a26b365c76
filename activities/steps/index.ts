import { copy } from './copy.ts';
import { http } from './http.ts';
import type { StepKind } from './kind.ts';
import { notify } from './notify.ts';
import { probe } from './probe.ts';
import { record } from './record.ts';
import { report } from './report.ts';
import { sql } from './sql.ts';
import { ssh } from './ssh.ts';

/** Every step kind that acts. One line each. */
export const stepKinds: readonly StepKind[] = [copy, http, notify, probe, record, report, sql, ssh];

/**
 * The kind of that id.
 * @returns `null` when no kind has it
 */
export function stepKind(id: string): StepKind | null {
  return stepKinds.find((kind) => kind.id === id) ?? null;
}
