/** Caps of what a monitor may send. What is cut is cut in the event only: the raw body is kept whole. */
export const limits = {
  body_bytes: 1024 * 1024,
  depth: 32,
  alarms: 5_000,
  labels: 64,
  value_chars: 1_024,
  key_chars: 128,
  dedup_chars: 512,
  links: 8,
  link_chars: 2_048,
} as const;
