/** Locks of a simulated world: one holder each, others in the order of asking, a growing fence. */
export interface LockTable {
  readonly ask: (name: string, who: string, grant: (fence: number) => void) => void;
  readonly release: (name: string, who: string) => void;
  readonly holder: (name: string) => string | null;
}

interface Wait {
  readonly who: string;
  readonly grant: (fence: number) => void;
}

export function openLockTable(): LockTable {
  const queues = new Map<string, Wait[]>();
  const fences = new Map<string, number>();

  function serve(name: string): void {
    const first = queues.get(name)?.[0];
    if (first === undefined) return;
    const fence = (fences.get(name) ?? 0) + 1;
    fences.set(name, fence);
    first.grant(fence);
  }

  return {
    ask(name, who, grant) {
      const queue = queues.get(name) ?? [];
      queues.set(name, [...queue, { who, grant }]);
      if (queue.length === 0) serve(name);
    },
    release(name, who) {
      const queue = queues.get(name) ?? [];
      const wasFirst = queue[0]?.who === who;
      queues.set(
        name,
        queue.filter((wait) => wait.who !== who),
      );
      if (wasFirst) serve(name);
    },
    holder: (name) => queues.get(name)?.[0]?.who ?? null,
  };
}
