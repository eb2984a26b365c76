import type { Language, Severity } from '../../workflows/domain/words.ts';
import { escapeHtml, printable } from '../../workflows/domain/markup.ts';
import type { Section, ShownLink } from './compose.ts';

const colours: Readonly<Record<Severity, string>> = { fatal: '#b00020', severe: '#a84300', general: '#1f5fa8' };

export interface HtmlOptions {
  readonly title: string;
  readonly language: Language;
  readonly severity: Severity;
  readonly sections: readonly Section[];
  readonly link: ShownLink | null;
  readonly foot: string;
}

/** Plain HTML with inline styles: what a phone's mail reader shows without loading anything. */
export function toHtml(options: HtmlOptions): string {
  const colour = colours[options.severity];
  const sections = options.sections.map(
    (section) =>
      (section.heading ? `<h2 style="font-size:15px;margin:18px 0 4px;color:#333">${safe(section.heading)}</h2>` : '') +
      section.lines.map((line) => `<p style="margin:0 0 4px">${safe(line)}</p>`).join(''),
  );
  const button = options.link
    ? `<p style="margin:22px 0 6px"><a href="${safe(options.link.url)}" style="display:inline-block;background:${colour};color:#fff;padding:14px 26px;border-radius:6px;text-decoration:none;font-weight:bold">${safe(options.link.label)}</a></p><p style="margin:0;font-size:13px;color:#555">${safe(options.link.help)}</p>`
    : '';
  return `<!doctype html><html lang="${options.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${safe(options.title)}</title></head><body style="margin:0;padding:16px;font:16px/1.45 sans-serif;color:#111;background:#fff"><div style="border-left:6px solid ${colour};padding-left:14px"><h1 style="font-size:19px;margin:0 0 12px">${safe(options.title)}</h1>${sections.join('')}${button}<p style="margin:26px 0 0;font-size:12px;color:#666">${safe(options.foot)}</p></div></body></html>\n`;
}

function safe(text: string): string {
  return escapeHtml(printable(text));
}
