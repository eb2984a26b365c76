const namesMax = 10_000;

/** `web[01:10]`, `web[a:f]`, `web[0:20:5]` as names; `null` when a range is broken or gives too many. */
export function expandRange(pattern: string): string[] | null {
  const found = /\[([^\]]*)\]/.exec(pattern);
  if (found === null) return /[[\]]/.test(pattern) ? null : [pattern];
  const middle = valuesOf(found[1]!);
  const rest = middle === null ? null : expandRange(pattern.slice(found.index + found[0].length));
  if (middle === null || rest === null || middle.length * rest.length > namesMax) return null;
  const before = pattern.slice(0, found.index);
  return middle.flatMap((value) => rest.map((tail) => `${before}${value}${tail}`));
}

function valuesOf(range: string): string[] | null {
  const [from = '', to = '', stride = '1', ...more] = range.split(':');
  const step = Number(stride);
  if (more.length > 0 || !Number.isInteger(step) || step < 1) return null;
  if (/^[a-z]$/i.test(from) && /^[a-z]$/i.test(to))
    return steps(from.charCodeAt(0), to.charCodeAt(0), step).map((code) => String.fromCharCode(code));
  if (!/^\d+$/.test(from) || !/^\d+$/.test(to)) return null;
  return steps(Number(from), Number(to), step).map((value) => String(value).padStart(from.length, '0'));
}

function steps(from: number, to: number, step: number): number[] {
  if (to < from || (to - from) / step > namesMax) return [];
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
