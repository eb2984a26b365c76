import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { hostShape, hostsShape, peopleShape, servicesShape, siteShape } from '../../../../activities/platform/site/shapes.ts';
import { table, withTables } from '../../../../runbooks/language/tables.ts';

const file = path.join(__dirname, '../../../../docs/site.md');

/** The shape below a key, through default, optional, list and map. */
function inside(shape: z.ZodType, key: string): z.ZodType {
  const { shape: keys } = shape._zod.def as unknown as { shape: Record<string, z.ZodType> };
  let found = keys[key]!;
  for (;;) {
    const { innerType, element, valueType } = found._zod.def as unknown as Record<
      'innerType' | 'element' | 'valueType',
      z.ZodType | undefined
    >;
    const next = innerType ?? element ?? valueType;
    if (next === undefined) return found;
    found = next;
  }
}

test('tables of docs/site.md are current (GENERATE=1 writes them anew)', () => {
  const page = readFileSync(file, 'utf8');
  const current = withTables(page, {
    site: table(siteShape),
    mail: table(inside(siteShape, 'mail')),
    source: table(inside(siteShape, 'sources')),
    hosts: table(hostsShape),
    host: table(hostShape),
    sql: table(inside(hostShape, 'sql')),
    person: table(inside(peopleShape, 'people')),
    service: table(inside(servicesShape, 'services')),
  });
  if (process.env['GENERATE'] === '1') writeFileSync(file, current);

  expect(readFileSync(file, 'utf8')).toBe(current);
});
