export interface RateOptions {
  readonly rate: number;
  readonly burst: number;
  readonly now?: () => number;
}

/** A bucket per key: `burst` at once, `rate` per second afterwards. */
export function createRate(options: RateOptions): (key: string) => boolean {
  const now = options.now ?? Date.now;
  const buckets = new Map<string, { level: number; at: number }>();
  return (key) => {
    const at = now();
    const bucket = buckets.get(key) ?? { level: options.burst, at };
    bucket.level = Math.min(options.burst, bucket.level + ((at - bucket.at) / 1_000) * options.rate);
    bucket.at = at;
    buckets.set(key, bucket);
    if (bucket.level < 1) return false;
    bucket.level -= 1;
    return true;
  };
}
