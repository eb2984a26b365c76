import { complain } from '../../../activities/platform/yaml/report.ts';
import { placeOf } from '../../../activities/platform/yaml/yaml.ts';
import type { Rule } from './rule.ts';

/** An unquoted expression inside `{ }` with characters that YAML gives a meaning: it reads right today, and breaks with the next edit. */
export const flowMaps: Rule = ({ report, expressions }) => {
  for (const { path, form, source } of expressions) {
    const place = placeOf(report.document, path);
    if (form !== 'cel' || place.flow !== true || place.plain !== true || !/[[\]{},?:]/.test(source)) continue;
    complain(report, 'warning', path, {
      code: 'W-FLOW-MAP',
      message: `inside { } the expression ${source} is not quoted`,
      hint: 'quote it, or write the map in block style',
    });
  }
};
