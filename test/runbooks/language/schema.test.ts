import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runbookSchema } from '../../../runbooks/language/schema.ts';
import { kinds } from '../../../runbooks/language/kinds/index.ts';

const file = path.join(__dirname, '../../../runbooks/runbook.schema.json');

test('runbook.schema.json is current (GENERATE=1 writes it anew)', () => {
  const current = `${JSON.stringify(runbookSchema(), null, 1)}\n`;
  if (process.env['GENERATE'] === '1') writeFileSync(file, current);

  expect(readFileSync(file, 'utf8')).toBe(current);
});

test('the schema knows every key, every kind, and that a step has exactly one', () => {
  const { properties } = runbookSchema() as unknown as {
    properties: {
      steps: { items: { properties: object; oneOf: { required: string[] }[]; additionalProperties: boolean } };
      severity: object;
    };
  };
  const { items } = properties.steps;

  expect(Object.keys(items.properties)).toEqual(expect.arrayContaining(['id', 'needs', 'undo', ...kinds.keys()]));
  expect(items.oneOf.map(({ required }) => required[0])).toEqual([...kinds.keys()]);
  expect(items.additionalProperties).toBe(false);
  expect(properties.severity).toMatchObject({
    enum: ['fatal', 'severe', 'general'],
    default: 'general',
    description: expect.any(String) as string,
  });
});
