/** One line of `tocsin doctor`. */
export interface Check {
  /** What was looked at, a few words. */
  readonly check: string;
  readonly ok: boolean;
  /** What is the case now. */
  readonly found: string;
  /** The command or change that mends it; empty when there is nothing to mend. */
  readonly mend: string;
}

export function good(check: string, found: string): Check {
  return { check, ok: true, found, mend: '' };
}

export function bad(check: string, found: string, mend: string): Check {
  return { check, ok: false, found, mend };
}
