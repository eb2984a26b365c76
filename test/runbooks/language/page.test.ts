import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseYaml } from '../../../activities/platform/yaml/yaml.ts';
import { compile } from '../../../runbooks/language/compile.ts';
import { kinds } from '../../../runbooks/language/kinds/index.ts';
import { tables, withTables } from '../../../runbooks/language/tables.ts';

const file = path.join(__dirname, '../../../docs/runbook-language.md');

test('tables of docs/runbook-language.md are current (GENERATE=1 writes them anew)', () => {
  const page = readFileSync(file, 'utf8');
  const current = withTables(page, tables());
  if (process.env['GENERATE'] === '1') writeFileSync(file, current);

  expect(readFileSync(file, 'utf8')).toBe(current);
});

test('the page shows every table there is, so every kind and every key', () => {
  const page = readFileSync(file, 'utf8');
  const shown = [...page.matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name);

  expect(shown).toHaveLength(Object.keys(tables()).length);
  expect(new Set(shown)).toEqual(new Set(Object.keys(tables())));
  for (const id of kinds.keys()) expect(shown).toContain(`kind_${id}`);
});

test('every code that the linter can say stands on the page or in a family there', () => {
  const page = readFileSync(file, 'utf8');
  const cases = [
    'unknown-key',
    'names',
    'steps-read',
    'secrets',
    'injection',
    'kinds',
    'kinds-places',
    'fan-out',
    'retries',
    'no-undo',
    'destructive',
    'alarm-inputs',
    'targets-unknown',
    'escalation',
    'recovery-time',
  ];
  const codes = cases.flatMap((name) =>
    [...readFileSync(path.join(__dirname, `cases/${name}.yaml`), 'utf8').matchAll(/^#! \S+ \w+ ([A-Z-]+):/gm)].map(([, code]) => code!),
  );

  for (const code of new Set(codes)) expect(page).toContain(`\`${code}\``);
});

test('the example on the page compiles without a finding', async () => {
  const text = /```yaml\n(runbook:[\s\S]*?)```/.exec(readFileSync(file, 'utf8'))![1]!;

  expect((await parseYaml(text)).flaws).toEqual([]);
  expect((await compile(text, { file: 'page.yaml' })).problems).toEqual([]);
});
