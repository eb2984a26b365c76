/** What a check found in a file of the site, with the place and what to do next. */
export interface Finding {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly level: 'error' | 'warning';
  /** Stable word for machines: `E-YAML-KEY`, `W-NO-UNDO`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}
