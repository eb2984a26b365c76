/** Lets at most `max` tasks run at once; the rest wait in order. */
export interface Limit {
  readonly run: <T>(task: () => Promise<T>) => Promise<T>;
  readonly waiting: () => number;
}

export function createLimit(max: number): Limit {
  const queue: (() => void)[] = [];
  let running = 0;
  function next(): void {
    running -= 1;
    queue.shift()?.();
  }
  return {
    waiting: () => queue.length,
    run: async (task) => {
      if (running >= max) await new Promise<void>((resolve) => queue.push(resolve));
      running += 1;
      try {
        return await task();
      } finally {
        next();
      }
    },
  };
}
