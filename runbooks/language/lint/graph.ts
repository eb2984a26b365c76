import type { Plan, Step } from '../../../workflows/core/plan.ts';

/** Who waits for whom. */
export interface Graph {
  readonly byId: ReadonlyMap<string, Step>;
  /** Every step that is done before this one may begin. */
  readonly before: (id: string) => ReadonlySet<string>;
  /** Steps of one circle, in order, or `null`. */
  readonly cycle: readonly string[] | null;
}

export function graphOf({ steps }: Plan): Graph {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<string, ReadonlySet<string>>();
  const before = (id: string): ReadonlySet<string> => {
    const done = known.get(id);
    if (done !== undefined) return done;
    const found = new Set<string>();
    // Set before it is filled: a circle ends here and is reported by its own rule.
    known.set(id, found);
    for (const need of byId.get(id)?.needs ?? []) {
      if (need === id || !byId.has(need)) continue;
      found.add(need);
      before(need).forEach((each) => found.add(each));
    }
    return found;
  };
  return { byId, before, cycle: cycleOf(byId) };
}

function cycleOf(byId: ReadonlyMap<string, Step>): string[] | null {
  const done = new Set<string>();
  const visit = (id: string, trail: readonly string[]): string[] | null => {
    if (trail.includes(id)) return trail.slice(trail.indexOf(id));
    if (done.has(id)) return null;
    for (const need of byId.get(id)?.needs ?? []) {
      const found = visit(need, [...trail, id]);
      if (found !== null) return found;
    }
    done.add(id);
    return null;
  };
  for (const id of byId.keys()) {
    const found = visit(id, []);
    if (found !== null) return found;
  }
  return null;
}
