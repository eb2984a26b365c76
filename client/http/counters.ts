export interface Counters {
  count(name: string, by?: number): void;
  all(): ReadonlyMap<string, number>;
}

/** What this process has counted since it started. */
export function createCounters(): Counters {
  const values = new Map<string, number>();
  return {
    count(name, by = 1) {
      if (by !== 0) values.set(name, (values.get(name) ?? 0) + by);
    },
    all: () => values,
  };
}
