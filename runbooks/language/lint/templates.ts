import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import { ExpressionError, parts } from '../../../workflows/core/cel.ts';
import type { Json } from '../../../workflows/domain/words.ts';
import type { Rule } from './rule.ts';

/** `${{` is closed; `{{ }}` and `${ }` from other tools are pointed out. */
export const templates: Rule = ({ report }) => {
  visit(report.document.value, [], (text, path) => {
    try {
      parts(text);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      complain(report, 'error', path, { code: 'E-EXPRESSION', message: error.message, hint: error.hint });
    }
    if (/(^|[^$]){{[^}]*}}/.test(text))
      complain(report, 'warning', path, {
        code: 'W-BRACES',
        message: `"${text.slice(0, 60)}" holds {{ }}, which is plain text here`,
        hint: 'an expression is written ${{ }}',
      });
  });
};

function visit(value: Json, path: Path, each: (text: string, path: Path) => void): void {
  if (typeof value === 'string') return each(value, path);
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) return value.forEach((item, index) => visit(item, [...path, index], each));
  for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key], each);
}
