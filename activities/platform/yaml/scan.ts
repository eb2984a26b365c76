import type { Flaw } from './document.ts';
import { limits } from './limits.ts';

/** Bytes to text: UTF-8 only (a byte order mark is dropped), no control characters, at most 256 KB. */
export function decode(bytes: Uint8Array): { readonly text: string } | { readonly flaw: Flaw } {
  if (bytes.length > limits.bytes)
    return refuse(1, 1, 'E-YAML-SIZE', `the file has ${bytes.length} bytes, the limit is ${limits.bytes}`, 'split it into several files');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(1, 1, 'E-YAML-ENCODING', 'the file is not UTF-8', 'save it as UTF-8, for example with: iconv -f GBK -t UTF-8');
  }
  // eslint-disable-next-line no-control-regex
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control === null) return { text };
  const [line, column] = positionOf(text, control.index);
  const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
  return refuse(
    line,
    column,
    'E-YAML-ENCODING',
    `the file holds the control character 0x${code}`,
    'remove it; in a quoted text write it as an escape',
  );
}

/**
 * Looks a text over before the parser sees it, in one pass: nesting by indentation, by compact `- ` and `? `, and by brackets.
 * Quotes are followed only roughly; what slips through meets the child's limits on time and memory.
 */
export function scan(text: string): Flaw | null {
  const indents: number[] = [];
  let flow = 0;
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const content = line.trimStart();
    if (content === '' || content.startsWith('#')) continue;
    const indent = line.length - content.length;
    if (flow === 0) {
      while (indents.length > 0 && indents.at(-1)! >= indent) indents.pop();
      indents.push(indent);
    }
    flow = brackets(content, flow);
    const compact = /^(?:[-?](?:[ \t]+|$))*/.exec(content)![0].match(/[-?]/g)?.length ?? 0;
    const deepest = indents.length + compact + (flow < 0 ? -flow : flow);
    if (deepest > limits.depth || flow < 0) {
      return {
        line: number,
        column: indent + 1,
        code: 'E-YAML-DEPTH',
        message: `the text is nested deeper than ${limits.depth}`,
        hint: 'flatten it; a runbook is never nested deeper than about ten',
      };
    }
  }
  return null;
}

/** So few brackets and compact indicators that no reading of the quotes makes it deep, and too small to be slow. */
export function isHarmless(text: string): boolean {
  return text.length <= 64 * 1024 && !/\?[ \t\n]/.test(text) && (text.match(/[[{]|- -/g)?.length ?? 0) <= 400;
}

/** Open brackets after the line; negative when the limit was passed within it. */
function brackets(line: string, open: number): number {
  let depth = open;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quote !== '') {
      if (char === '\\' && quote === '"') i++;
      else if (char === quote) quote = '';
    } else if ((char === '"' || char === "'") && /[\s[{,:]/.test(line[i - 1] ?? ' ')) quote = char;
    else if (char === '#' && /\s/.test(line[i - 1] ?? ' ')) break;
    else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (depth > limits.depth) return -depth;
  }
  return depth;
}

function refuse(line: number, column: number, code: string, message: string, hint: string): { readonly flaw: Flaw } {
  return { flaw: { line, column, code, message, hint } };
}

function positionOf(text: string, index: number): [number, number] {
  const before = text.slice(0, index);
  return [before.split('\n').length, index - before.lastIndexOf('\n')];
}
