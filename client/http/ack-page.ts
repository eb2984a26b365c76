import { say } from '../../workflows/domain/catalogue/index.ts';
import { escapeHtml, printable } from '../../workflows/domain/markup.ts';
import type { Language, Severity } from '../../workflows/domain/words.ts';

export interface AckPage {
  readonly language: Language;
  readonly title: string;
  readonly severity: Severity | null;
  /** What is said, first line most important. */
  readonly lines: readonly string[];
  /** Shows the button that acts. */
  readonly button: boolean;
}

const colours: Readonly<Record<Severity, string>> = { fatal: '#b00020', severe: '#a84300', general: '#1f5fa8' };

/** One page below 5 kB for a phone in the dark: no script, nothing loaded, one button. */
export function ackPage(page: AckPage): string {
  const colour = page.severity ? colours[page.severity] : '#444';
  const badge = page.severity ? `<b style="background:${colour}">${safe(say(page.language, `severity.${page.severity}`))}</b> ` : '';
  const lines = page.lines
    .map((line, index) => `<p${index === 0 ? ` role="status" style="font-weight:600"` : ''}>${safe(line)}</p>`)
    .join('\n');
  // The form posts to this very address, so the token is not written into the page.
  const form = page.button
    ? `<form method="post"><button style="background:${colour}">${safe(say(page.language, 'ack.button'))}</button></form>`
    : '';
  return `<!doctype html>
<html lang="${page.language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex,nofollow">
<title>${safe(page.title)}</title>
<style>:root{color-scheme:light dark}body{font:18px/1.45 system-ui,sans-serif;max-width:32rem;margin:0 auto;padding:1.2rem}h1{font-size:1.25rem;overflow-wrap:anywhere}p{margin:.6rem 0;overflow-wrap:anywhere}b{color:#fff;border-radius:4px;padding:.1em .5em}button{font:inherit;font-weight:700;color:#fff;border:0;border-radius:10px;width:100%;min-height:64px;margin-top:1rem}button:focus-visible{outline:4px solid Highlight;outline-offset:2px}</style>
</head>
<body>
<main>
<h1>${badge}${safe(page.title)}</h1>
${lines}
${form}
</main>
</body>
</html>
`;
}

function safe(text: string): string {
  return escapeHtml(printable(text));
}
