const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const short = /^(?:(\d+(?:\.\d+)?)(ms|s|m|h|d|w))+$/;
const iso = /^P(?=[\dT])(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of `90s`, `10m`, `1h30m`, `7d`, `1.5s`, `500ms`, or ISO 8601 `PT10M`, `P1DT2H`, `P2W`. `null`: not a duration. */
export function durationMs(text: string): number | null {
  const parts = iso.exec(text);
  if (parts !== null) {
    const [w, d, h, m, s] = parts.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number, number];
    return Math.round(w * units['w']! + d * units['d']! + h * units['h']! + m * units['m']! + s * 1_000);
  }
  if (!short.test(text)) return null;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) ms += Number(count) * units[unit!]!;
  return Math.round(ms);
}

/** The shortest way to write it: `90s` is `1m30s`, a day is `24h`. */
export function durationText(ms: number): string {
  if (ms < 0) return `-${durationText(-ms)}`;
  if (ms < 1_000) return ms === 0 ? '0s' : `${ms}ms`;
  const hours = Math.floor(ms / units['h']!);
  const minutes = Math.floor((ms % units['h']!) / units['m']!);
  const seconds = (ms % units['m']!) / 1_000;
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}
