import { severities, type Json, type JsonMap, type Language, type Moment } from '../words.ts';
import { fill, isKey, say, type Values } from './index.ts';
import { clockTime, countdown, span } from './span.ts';

export interface LineOptions {
  readonly language: Language;
  readonly timezone: string;
}

/** What a note's values look like to people: `after_ms` becomes `after` as a span, moments become clock times, severities words. */
export function humanValues(values: JsonMap, options: LineOptions): Values {
  const result: { [name: string]: Json } = {};
  for (const [name, value] of Object.entries(values)) {
    result[name] = human(name, value, options);
    if (name.endsWith('_ms') && typeof value === 'number') result[name.slice(0, -3)] = span(options.language, value);
  }
  return result;
}

const moments = new Set(['at', 'due', 'until', 'opened_at']);

function human(name: string, value: Json, options: LineOptions): Json {
  if (typeof value === 'number' && moments.has(name)) return clockTime(value, options.timezone);
  if (typeof value === 'number' && name === 'seconds') return span(options.language, value * 1000);
  return typeof value === 'string' ? severityWord(value, options.language) : value;
}

export function severityWord(value: string, language: Language): string {
  return (severities as readonly string[]).includes(value) ? say(language, `severity.${value as (typeof severities)[number]}`) : value;
}

/** A status of a run, a step or a delivery in words; one nobody knows stays as it is. */
export function statusWord(status: string, language: Language): string {
  const key = `status.${status}`;
  return isKey(key) ? say(language, key) : status;
}

/** One line of a timeline as a sentence. A code nobody knows yet is shown with its values rather than hidden. */
export function line(note: { readonly code: string; readonly values: JsonMap }, options: LineOptions): string {
  const values = humanValues(note.values, options);
  const code = note.code === 'incident.paged' ? pagedCode(note.values) : note.code;
  if (isKey(code)) return say(options.language, code, values);
  const rest = Object.entries(values)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => fill(`${name}={v}`, options.language, { v: value }));
  return [note.code, ...rest].join(' ');
}

function pagedCode({ failed, unknown }: JsonMap): string {
  if (Array.isArray(unknown) && unknown.length > 0) return 'incident.paged_unknown';
  return Array.isArray(failed) && failed.length === 0 ? 'incident.paged_all' : 'incident.paged';
}

/** The shape of `Next` of an incident, as the machine gives it. */
interface Upcoming {
  readonly what: string;
  readonly at: Moment | null;
  readonly values: { readonly [key: string]: Json };
}

/** "Next: … in mm:ss unless …" of an incident. `now` decides what is left on the clock. */
export function nextLine(next: Upcoming, now: Moment, options: LineOptions): string {
  const { language } = options;
  const timed = next.at === null ? {} : { clock: countdown(next.at - now), time: clockTime(next.at, options.timezone) };
  const values = { ...next.values, ...timed };
  switch (next.what) {
    case 'tier':
      return say(language, next.values['report'] === true ? 'next.tier_report' : 'next.tier', values);
    case 'acknowledge':
      return say(language, next.at === null ? 'next.acknowledge' : 'next.acknowledge_again', values);
    case 'run':
      return say(language, 'next.run', values);
    case 'end':
      return say(language, 'next.end');
    default:
      return say(language, next.values['commander'] ? 'next.resolve' : 'next.resolve_nobody', values);
  }
}
