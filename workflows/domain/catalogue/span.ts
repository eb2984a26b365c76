import type { Language, Moment } from '../words.ts';

/** `09:58`, `1:02:03`: a countdown as people read it aloud. Never below zero. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = `${String(m).padStart(2, '0')}:${String(s).padStart(2, '0')}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

const units: Readonly<Record<Language, readonly [string, string, string, string]>> = {
  en: ['d', 'h', 'm', 's'],
  zh: ['天', '小时', '分', '秒'],
};

/** `2m 10s`, `1h 05m`, `340 ms`: the two largest units. */
export function span(language: Language, ms: number): string {
  const glue = language === 'zh' ? '' : ' ';
  if (ms < 1000) return language === 'zh' ? `${Math.max(0, Math.round(ms))} 毫秒` : `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const first = parts.findIndex((part) => part > 0);
  return parts
    .slice(first, first + 2)
    .map((part, index) =>
      index > 0 && part === 0 ? null : `${index > 0 ? String(part).padStart(2, '0') : part}${units[language][first + index] ?? ''}`,
    )
    .filter((part) => part !== null)
    .join(glue);
}

/** `2026-11-24 14:05:09` in the zone given (IANA name). */
export function clockTime(at: Moment, timezone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
}

/** `14:05` in the zone given. */
export function shortTime(at: Moment, timezone: string): string {
  return clockTime(at, timezone).slice(11, 16);
}
