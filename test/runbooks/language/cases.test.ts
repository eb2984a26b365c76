import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from '../../../runbooks/language/compile.ts';
import type { Finding } from '../../../workflows/domain/finding.ts';

const folder = path.join(__dirname, 'cases');
const mark = '#! ';

/** `GOLDEN=1` writes what is found back into the cases; look at the difference before you keep it. */
const rewrite = process.env['GOLDEN'] === '1';

function line({ line: row, column, level, code, message, hint }: Finding): string {
  return `${mark}${row}:${column} ${level} ${code}: ${message}${hint === null ? '' : ` | ${hint}`}`;
}

describe('every case finds exactly what its last lines say', () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s', async (name) => {
    const file = path.join(folder, name);
    const text = readFileSync(file, 'utf8');
    const body = text
      .split('\n')
      .filter((each) => !each.startsWith(mark))
      .join('\n')
      .replace(/\n+$/, '\n');
    const { plan, hash, problems } = await compile(body, { file: name });
    const found = problems.map(line);
    if (rewrite) writeFileSync(file, `${body}${found.map((each) => `${each}\n`).join('')}`);

    expect(found).toEqual(text.split('\n').filter((each) => each.startsWith(mark)));
    expect(plan === null).toBe(problems.some(({ level }) => level === 'error'));
    expect(hash === null).toBe(plan === null);
  });
});
