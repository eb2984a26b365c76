/** Stops dialling a host that failed several times in a row, for a while that doubles up to half a minute. */
export interface Breaker {
  /** Milliseconds until the next dial is allowed; 0 = now. */
  readonly wait_ms: () => number;
  readonly failed: (error: Error) => void;
  readonly worked: () => void;
  readonly last: () => Error | null;
}

export interface BreakerOptions {
  readonly failures: number;
  readonly first_ms: number;
  readonly longest_ms: number;
  readonly now?: () => number;
  readonly random?: () => number;
}

export function createBreaker(options: BreakerOptions): Breaker {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  let failures = 0;
  let until = 0;
  let error: Error | null = null;
  return {
    wait_ms: () => Math.max(0, until - now()),
    last: () => error,
    worked: () => {
      failures = 0;
      until = 0;
      error = null;
    },
    failed: (why) => {
      failures += 1;
      error = why;
      if (failures < options.failures) return;
      const pause = Math.min(options.longest_ms, options.first_ms * 2 ** (failures - options.failures));
      until = now() + pause * (0.75 + random() / 2);
    },
  };
}
