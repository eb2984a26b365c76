import { escapeHtml, escapeMarkdown, printable } from '../../workflows/domain/markup.ts';
import type { Language } from '../../workflows/domain/words.ts';

/** A document as plain blocks: written once, shown as Markdown and as HTML. All text is data and escaped when shown. */
export type Block =
  | { readonly type: 'title' | 'heading' | 'subheading' | 'text' | 'small'; readonly text: string }
  | { readonly type: 'list'; readonly items: readonly string[] }
  | { readonly type: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

export function toMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(markdown).join('\n\n')}\n`;
}

function markdown(block: Block): string {
  switch (block.type) {
    case 'title':
      return `# ${md(block.text)}`;
    case 'heading':
      return `## ${md(block.text)}`;
    case 'subheading':
      return `### ${md(block.text)}`;
    case 'text':
      return md(block.text);
    case 'small':
      return `*${md(block.text)}*`;
    case 'list':
      return block.items.map((item) => `- ${md(item)}`).join('\n');
    case 'table':
      return [
        row(block.head),
        row(
          block.head.map(() => '---'),
          true,
        ),
        ...block.rows.map((cells) => row(cells)),
      ].join('\n');
  }
}

function row(cells: readonly string[], raw = false): string {
  return `| ${cells.map((cell) => (raw ? cell : md(cell))).join(' | ')} |`;
}

function md(text: string): string {
  return escapeMarkdown(printable(text));
}

/** Small, without script or outside resource; prints in black on A4, rows unbroken. */
const style = `body{font:15px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #bbb}h3{font-size:1rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eee}
small{color:#444}@media print{@page{size:A4;margin:15mm}body{margin:0;max-width:none;font-size:10pt}h2,h3{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}}`;

export function toPage(blocks: readonly Block[], language: Language): string {
  const title = blocks.find((block) => block.type === 'title');
  const body = blocks.map(html).join('\n');
  return `<!doctype html>\n<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width,initial-scale=1">\n<meta name="robots" content="noindex">\n<title>${safe(title && 'text' in title ? title.text : '')}</title>\n<style>${style}</style>\n</head>\n<body>\n${body}\n</body>\n</html>\n`;
}

function html(block: Block): string {
  switch (block.type) {
    case 'title':
      return `<h1>${safe(block.text)}</h1>`;
    case 'heading':
      return `<h2>${safe(block.text)}</h2>`;
    case 'subheading':
      return `<h3>${safe(block.text)}</h3>`;
    case 'text':
      return `<p>${safe(block.text)}</p>`;
    case 'small':
      return `<p><small>${safe(block.text)}</small></p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${safe(item)}</li>`).join('')}</ul>`;
    case 'table':
      return `<table><thead><tr>${block.head.map((cell) => `<th scope="col">${safe(cell)}</th>`).join('')}</tr></thead><tbody>${block.rows.map((cells) => `<tr>${cells.map((cell) => `<td>${safe(cell)}</td>`).join('')}</tr>`).join('')}</tbody></table>`;
  }
}

function safe(text: string): string {
  return escapeHtml(printable(text));
}
