import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Path } from '../../../activities/platform/yaml/yaml.ts';
import { ExpressionError, parts } from '../../../workflows/core/cel.ts';
import type { Json } from '../../../workflows/domain/words.ts';
import { kinds } from '../kinds/index.ts';
import type { Rule } from './rule.ts';

/** Where a text may hold expressions; kinds' arguments come in between. */
const filled = [
  /^lock$/,
  /^triggers\/\d+\/alarm\/(with|converge\/key)(\/|$)/,
  /^steps\/\d+\/(lock$|out\/)/,
  /^checks\/(before|after)\/\d+\/message$/,
];
/** Bare CEL: with `${{ }}` it cannot be read, which is said where it is read. */
const bare = /\/(when|until|expect|match|where|pick|each)(\/\d+)?$/;

/** `${{` is closed and stands where it is filled in; the `{{ }}` of other tools is pointed out. */
export const templates: Rule = ({ report }) => {
  visit(report.document.value, [], (text, path) => {
    try {
      parts(text);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      complain(report, 'error', path, { code: 'E-EXPRESSION', message: error.message, hint: error.hint });
    }
    if (text.includes('${{') && !isFilled(path))
      complain(report, 'error', path, {
        code: 'E-PLAIN-TEXT',
        message: `"${String(path.at(-1))}" is plain text: expressions are not filled in here`,
        hint: 'write the words out',
      });
    if (/(^|[^$]){{[^}]*}}/.test(text))
      complain(report, 'warning', path, {
        code: 'W-BRACES',
        message: `"${text.slice(0, 60)}" holds {{ }}, which is plain text here`,
        hint: 'an expression is written ${{ }}',
      });
  });
};

function isFilled(path: Path): boolean {
  const text = path.join('/');
  if (bare.test(text) || filled.some((each) => each.test(text))) return true;
  const act = /^(?:steps\/\d+(?:\/done_when|\/undo)?|checks\/(?:before|after)\/\d+|on_failure\/\d+|finally\/\d+)\/([a-z]+)(\/|$)/.exec(
    text,
  );
  return act !== null && kinds.has(act[1]!);
}

function visit(value: Json, path: Path, each: (text: string, path: Path) => void): void {
  if (typeof value === 'string') return each(value, path);
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) return value.forEach((item, index) => visit(item, [...path, index], each));
  for (const [key, inner] of Object.entries(value)) visit(inner, [...path, key], each);
}
