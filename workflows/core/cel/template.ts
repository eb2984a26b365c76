import { ExpressionError, quoted } from './error.ts';

/** A text with expressions: plain parts and `${{ }}` parts in order. */
export type Part = { readonly text: string } | { readonly cel: string };

const cache = new Map<string, readonly Part[]>();
const cacheMax = 500;

/** Cuts `a ${{ b }} c`. The end is found with CEL's own brackets and strings in mind, so `${{ {"a": {"b": 1}} }}` is one part. */
export function parts(template: string): readonly Part[] {
  if (!template.includes('${{')) return [{ text: template }];
  const known = cache.get(template);
  if (known !== undefined) return known;
  const found = cut(template);
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value!);
  cache.set(template, found);
  return found;
}

function cut(template: string): Part[] {
  const found: Part[] = [];
  let from = 0;
  for (;;) {
    const open = template.indexOf('${{', from);
    if (open === -1) break;
    if (open > from) found.push({ text: template.slice(from, open) });
    const close = endOf(template, open + 3);
    const cel = template.slice(open + 3, close).trim();
    if (cel === '')
      throw new ExpressionError(`cannot read ${quoted(template)}: \${{ }} is empty`, {
        code: 'E-EXPR-SYNTAX',
        expression: template,
        hint: 'write an expression between ${{ and }}',
      });
    found.push({ cel });
    from = close + 2;
  }
  if (from < template.length) found.push({ text: template.slice(from) });
  return found;
}

function endOf(template: string, start: number): number {
  let depth = 0;
  for (let i = start; i < template.length; i++) {
    const char = template[i]!;
    if (char === '"' || char === "'") i = stringEnd(template, i, char);
    else if (char === '{') depth++;
    else if (char === '}' && depth > 0) depth--;
    else if (char === '}' && template[i + 1] === '}') return i;
  }
  throw new ExpressionError(`cannot read ${quoted(template)}: \${{ is never closed`, {
    code: 'E-EXPR-SYNTAX',
    expression: template,
    hint: 'close it with }}',
  });
}

/** Index of the quote that closes the string; the text's end when none does, so that the caller reports an open part. */
function stringEnd(template: string, start: number, quote: string): number {
  for (let i = start + 1; i < template.length; i++) {
    if (template[i] === '\\') i++;
    else if (template[i] === quote) return i;
  }
  return template.length;
}
