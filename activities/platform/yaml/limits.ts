/**
 * Limits on YAML, from measurements of `yaml` 2.9.1: 801 bytes of nested `? ` block the event loop for 14 s, deep flow
 * collections abort the process. So text is looked over first and parsed in a child that may die.
 */
export const limits = { bytes: 256 * 1024, depth: 64, keys: 5_000, parse_ms: 2_000, start_ms: 15_000, memory_mb: 128 } as const;
