import type { Json, Moment, Severity } from './words.ts';

/** A normalised alarm event. Labels are data: never part of a command; a host only by inventory lookup. */
export interface Alarm {
  readonly source: string;
  /** Identity within the source: Alertmanager's fingerprint, or a hash of the sorted identity labels. */
  readonly dedup_key: string;
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  readonly summary: string;
  /** The sender's own word, untouched. */
  readonly source_severity: string | null;
  readonly severity: Severity;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
  readonly starts_at: Moment | null;
  readonly ends_at: Moment | null;
  readonly links: readonly string[];
  readonly extra?: { readonly [key: string]: Json };
}
