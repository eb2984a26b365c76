import { z } from 'zod';
import { kinds } from './kinds/index.ts';
import { runbook } from './shapes/runbook.ts';

type Schema = { [key: string]: unknown; properties?: Record<string, unknown> };

/**
 * JSON Schema (draft 2020-12) of a runbook file, for editors and forms; drawn from the shapes and the descriptors of the step
 * kinds. What a schema cannot say (references, order, expressions) the linter says.
 */
export function runbookSchema(): Schema {
  const schema = z.toJSONSchema(runbook, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ jsonSchema }) => oneKind(jsonSchema as Schema),
  }) as Schema;
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Tocsin runbook', ...schema };
}

/** Where kinds stand side by side exactly one is written; a check may also have none. */
function oneKind(schema: Schema): void {
  const { properties } = schema;
  if (properties === undefined || !('ssh' in properties) || !('approve' in properties)) return;
  if ('message' in properties) return;
  const acts = [...('escalate' in properties ? ['undo', 'escalate'] : []), ...kinds.keys()];
  schema['oneOf'] = acts.map((kind) => ({ required: [kind] }));
}
