import { complain } from '../../../activities/platform/yaml/report.ts';
import { actsOf } from './acts.ts';
import type { Rule } from './rule.ts';

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ksh', 'zsh', 'ash', 'fish', 'tcsh', 'csh']);

/** Values are data: they never become part of a script or of a statement's text. */
export const injection: Rule = ({ report, plan }) => {
  for (const { call, path } of actsOf({ plan })) {
    const { run, query } = call.args;
    if (call.kind === 'ssh' && Array.isArray(run)) {
      const at = scriptOf(run.map(String));
      if (at !== null && String(run[at]).includes('${{')) {
        complain(report, 'error', [...path, 'ssh', 'run', at], {
          code: 'E-INJECTION',
          message: 'a value is put into a script, where a shell would read it as code',
          hint: 'write $1 in the script and pass the value as an argument behind it, or use shell: which quotes',
        });
      }
    }
    if (call.kind === 'sql' && typeof query === 'string' && query.includes('${{')) {
      complain(report, 'warning', [...path, 'sql', 'query'], {
        code: 'W-INJECTION',
        message: 'a value is put into the text of a statement',
        hint: 'write $1 and pass it in params',
      });
    }
  }
};

/** Index of the word behind `sh -c`, wherever it stands (`sudo`, `env`, `timeout` may come first). */
function scriptOf(words: readonly string[]): number | null {
  const at = words.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(word) && shells.has(words[index - 1]!.split('/').at(-1)!));
  return at === -1 || at + 1 >= words.length ? null : at + 1;
}
