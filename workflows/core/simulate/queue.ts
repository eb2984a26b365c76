import type { Moment } from '../../domain/words.ts';

interface Entry {
  readonly at: Moment;
  readonly order: number;
  readonly fire: () => void;
}

export interface Queue {
  readonly add: (at: Moment, fire: () => void) => void;
  /** Takes the earliest, of several at one moment the one added first. */
  readonly take: () => { readonly at: Moment; readonly fire: () => void } | null;
  /** Moment of what was taken last. */
  readonly now: () => Moment;
}

/** A virtual clock's list of what is to come: a binary heap, so that its order is the same in every run. */
export function openQueue(): Queue {
  const heap: Entry[] = [];
  let order = 0;
  let now = Number.NEGATIVE_INFINITY;

  function isBefore(a: Entry, b: Entry): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  function swap(a: number, b: number): void {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  }

  function add(at: Moment, fire: () => void): void {
    heap.push({ at, order: order++, fire });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child]!, heap[parent]!)) return;
      swap(child, parent);
      child = parent;
    }
  }

  function take(): Entry | null {
    const first = heap[0];
    if (first === undefined) return null;
    now = Math.max(now, first.at);
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      sink();
    }
    return first;
  }

  function sink(): void {
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      let least = parent;
      if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
      if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
      if (least === parent) return;
      swap(parent, least);
      parent = least;
    }
  }

  return { add, take, now: () => now };
}
