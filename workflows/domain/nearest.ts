/** Edit distance in which swapping two neighbours counts once (a slip of the fingers), cut off above `limit`. */
export function distance(a: string, b: string, limit = 3): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** The known word that was most likely meant, or `null` when nothing is near: at most a third of the letters may differ. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const small = word.toLowerCase();
  let found: string | null = null;
  let least = Math.max(1, Math.min(3, Math.floor(word.length / 3))) + 1;
  for (const candidate of known) {
    const apart = distance(small, candidate.toLowerCase(), least);
    if (apart < least && candidate !== word) {
      least = apart;
      found = candidate;
    }
  }
  return found;
}
