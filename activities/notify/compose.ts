import type { Page } from '../../workflows/core/people.ts';
import type { Next } from '../../workflows/core/run.ts';
import { fill, isKey, say, type Key, type Values } from '../../workflows/domain/catalogue/index.ts';
import { humanValues, nextLine, severityWord, statusWord, type LineOptions } from '../../workflows/domain/catalogue/line.ts';
import { clockTime } from '../../workflows/domain/catalogue/span.ts';
import { printable } from '../../workflows/domain/markup.ts';
import type { Person, Site } from '../../workflows/domain/site.ts';
import { toHtml } from './html.ts';

export interface Composed {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Where the leading run stands, read just before sending. */
export interface Doing {
  readonly runbook: string;
  readonly step: string | null;
  readonly status: string;
}

export interface ComposeOptions {
  readonly page: Page;
  readonly person: Person;
  /** Role or name they were called by. */
  readonly as: string;
  readonly site: Pick<Site, 'name' | 'timezone' | 'url'>;
  readonly doing: Doing | null;
  readonly link: { readonly url: string; readonly expires_at: number } | null;
  readonly now: number;
  readonly drill: boolean;
  /** Replaces the body: the report. */
  readonly body?: { readonly text: string; readonly html: string };
}

export interface Section {
  readonly heading: string | null;
  readonly lines: readonly string[];
}

const subject_max = 200;

/** A page as a mail in the person's language: what happened, what Tocsin does, what comes next, and the one link. */
export function compose(options: ComposeOptions): Composed {
  const { page, person, site } = options;
  const lines: LineOptions = { language: person.language, timezone: site.timezone };
  const values = pageValues(page, lines);
  const template = isKey(`mail.subject.${page.template}`) ? page.template : 'notice';
  const drill = options.drill ? say(person.language, 'mail.drill') : '';
  const own = typeof page.values['subject'] === 'string';
  const subject = drill + say(person.language, `mail.subject.${own ? 'notice' : template}` as Key, values);
  const sections = sectionsOf(options, template, values, lines);
  const foot = say(person.language, 'mail.foot', { site: site.name, person: person.name, role: options.as });
  const link = options.link && {
    url: options.link.url,
    label: say(person.language, 'mail.take'),
    help: say(person.language, 'mail.take_help', { time: clockTime(options.link.expires_at, site.timezone) }),
  };
  return {
    subject: oneLine(subject).slice(0, subject_max),
    text: options.body ? `${options.body.text}\n\n-- \n${foot}\n` : toText(sections, link, foot),
    html: options.body
      ? options.body.html
      : toHtml({ title: subject, language: person.language, severity: page.severity, sections, link, foot }),
  };
}

export interface ShownLink {
  readonly url: string;
  readonly label: string;
  readonly help: string;
}

function pageValues(page: Page, lines: LineOptions): Values {
  const human = humanValues(page.values, lines);
  const severity = severityWord(page.severity, lines.language);
  const from = page.values['from'];
  return {
    text: '',
    reason: '–',
    title: page.template,
    ...human,
    ...(typeof page.values['subject'] === 'string' ? { title: page.values['subject'] } : {}),
    incident: page.incident,
    severity,
    from_severity: typeof from === 'string' ? severityWord(from, lines.language) : '–',
  };
}

function sectionsOf(options: ComposeOptions, template: string, values: Values, lines: LineOptions): readonly Section[] {
  const own = options.page.values['text'];
  if (template === 'notice' || (typeof own === 'string' && own !== '')) return notice(options, values);
  if (typeof options.page.values['opened_at'] === 'number') return incidentSections(options, template, values, lines);
  return [{ heading: null, lines: [say(lines.language, `mail.lead.${template}` as Key, values)] }];
}

function incidentSections(options: ComposeOptions, template: string, values: Values, lines: LineOptions): readonly Section[] {
  const { page, site, doing } = options;
  const { language } = lines;
  const lead = [say(language, `mail.lead.${template}` as Key, values)];
  if (page.values['report'] === true) lead.push(say(language, 'mail.report_asked'));
  const opened = Number(page.values['opened_at']);
  const names = page.values['alarms'];
  const what = [
    String(values['title']),
    say(language, 'mail.opened_at', { time: clockTime(opened, site.timezone), utc: clockTime(opened, 'UTC') }),
  ];
  if (page.values['summary']) what.push(String(page.values['summary']));
  if (page.values['service']) what.push(say(language, 'mail.service', values));
  if (Array.isArray(names) && names.length > 0)
    what.push(say(language, 'mail.alarms', { count: page.values['alarm_count'] ?? names.length, names }));
  what.push(page.values['commander'] ? say(language, 'mail.commander', values) : say(language, 'mail.no_commander'));
  const sections: Section[] = [
    { heading: null, lines: lead },
    { heading: say(language, 'mail.what'), lines: what },
  ];
  if (template === 'incident_resolved') return sections;
  sections.push({ heading: say(language, 'mail.now'), lines: [doingLine(doing, lines)] });
  const next = page.values['next'] as unknown as Next | null | undefined;
  if (next) sections.push({ heading: say(language, 'mail.next'), lines: [nextLine(next, options.now, lines)] });
  return sections;
}

function doingLine(doing: Doing | null, { language }: LineOptions): string {
  if (!doing) return say(language, 'mail.now_nothing');
  const values = { ...doing, status: statusWord(doing.status, language) };
  return doing.step === null ? say(language, 'mail.now_run', values) : say(language, 'mail.now_step', values);
}

/** A runbook's own message: its text, or what it was given, name by name. */
function notice(options: ComposeOptions, values: Values): readonly Section[] {
  const own = options.page.values['text'];
  if (typeof own === 'string' && own !== '') return [{ heading: null, lines: printable(own).split('\n') }];
  const shown = Object.entries(options.page.values).filter(([name]) => name !== 'subject' && name !== 'text');
  const { language } = options.person;
  return [
    {
      heading: null,
      lines: [String(values['title']), ...shown.map(([name, value]) => `${name}: ${fill('{value}', language, { value })}`)],
    },
  ];
}

function toText(sections: readonly Section[], link: ShownLink | null, foot: string): string {
  const parts = sections.map((section) =>
    [
      ...(section.heading ? [section.heading, '-'.repeat(width(section.heading))] : []),
      ...section.lines.map((each) => printable(each)),
    ].join('\n'),
  );
  if (link) parts.push(`${link.label}: ${link.url}\n${link.help}`);
  return `${[...parts, `-- \n${foot}`].join('\n\n')}\n`;
}

/** Chinese characters are two columns wide. */
function width(text: string): number {
  return [...text].reduce((sum, sign) => sum + ((sign.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1), 0);
}

function oneLine(text: string): string {
  return printable(text)
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .trim();
}
