import { complain } from '../../../activities/platform/yaml/report.ts';
import { parts, secretName } from '../../../workflows/core/cel.ts';
import { nearest } from '../../../workflows/domain/nearest.ts';
import { referencesSafely } from '../reads.ts';
import type { Rule } from './rule.ts';

/** Arguments that reach their goal without being seen by others on the way: not in a process list, an address or a log. */
const allowed: Readonly<Record<string, readonly string[]>> = { ssh: ['env', 'stdin'], http: ['headers', 'body'], sql: ['params'] };

/** A secret stands alone, is declared, and goes only where nobody else reads it. */
export const secrets: Rule = ({ report, plan, expressions }) => {
  const known = Object.keys(plan.secrets);
  for (const { source, path, form, whole } of expressions) {
    if (!referencesSafely(source).some(({ path: [root] }) => root === 'secrets')) continue;
    const name = form === 'template' && parts(whole).length === 1 ? secretName(source) : null;
    if (name === null) {
      complain(report, 'error', path, {
        code: 'E-SECRET',
        message: 'a secret may not be part of a text or an expression',
        hint: 'write "${{ secrets.NAME }}" alone as a value of env, stdin, headers, body or params',
      });
      continue;
    }
    if (!known.includes(name)) {
      const near = nearest(name, known);
      complain(report, 'error', path, {
        code: 'E-SECRET',
        message: `the secret "${name}" is not declared`,
        hint: near === null ? `add secrets: { ${name}: { from: env, key: … } }` : `did you mean "${near}"?`,
      });
    }
    const at = path.findIndex((key) => typeof key === 'string' && Object.hasOwn(allowed, key));
    const kind = at === -1 ? null : String(path[at]);
    if (kind === null || !allowed[kind]!.includes(String(path[at + 1]))) {
      const where =
        kind === 'ssh'
          ? `in "${String(path[at + 1])}" everybody on the host can read it in the process list`
          : 'here it would be seen and kept';
      complain(report, 'error', path, {
        code: 'E-SECRET-SHOWN',
        message: `the secret "${name}" would not stay secret: ${where}`,
        hint: 'pass it by env or stdin (ssh), headers or body (http), params (sql)',
      });
    }
  }
};
