import { usage } from './errors.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s 10m 2h 7d` in milliseconds. Throws `E-USAGE` naming the option. */
export function durationOf(text: string, option: string): number {
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = units[found?.[2] ?? ''];
  if (!found || unit === undefined)
    throw usage(`cannot read ${option} "${text}": a duration is a number and ms, s, m, h or d`, `for example ${option} 90s`);
  return Number(found[1]) * unit;
}

/** `04:12`, `1:04:12`; never below zero. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = `${String(m).padStart(2, '0')}:${String(s).padStart(2, '0')}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

/** `0.3s`, `11s`, `1m02s`, `2h05m`. */
export function span(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(seconds / 3600)}h${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}m`;
}
