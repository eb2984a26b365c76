import type { Finding } from '../../workflows/domain/finding.ts';
import type { Cli } from './cli.ts';
import { exit } from './exit.ts';
import { safe } from './safe.ts';

/** Findings one by one, then the count. Exit 1 with an error, 3 with warnings only. */
export function tellFindings(cli: Cli, findings: readonly Finding[], more: Readonly<Record<string, unknown>> = {}): number {
  const errors = findings.filter((finding) => finding.level === 'error').length;
  const warnings = findings.length - errors;
  if (cli.json) cli.document({ ok: errors === 0, errors, warnings, findings, ...more });
  else {
    for (const finding of findings) for (const line of findingLines(cli, finding)) cli.say(line);
    if (findings.length > 0) cli.hint(cli.word('check_bad', { errors, warnings }));
  }
  if (errors > 0) return exit.failed;
  return warnings > 0 ? exit.warnings : exit.done;
}

/** `file:line:column: error message [CODE]` and what to do about it. */
function findingLines(cli: Cli, finding: Finding): string[] {
  const file = finding.file.startsWith(`${cli.cwd}/`) ? finding.file.slice(cli.cwd.length + 1) : finding.file;
  const level = cli.ink(finding.level === 'error' ? 'red' : 'yellow', finding.level);
  return [
    `${safe(file)}:${finding.line}:${finding.column}: ${level} ${safe(finding.message)} [${finding.code}]`,
    ...(finding.hint ? [`    next  ${safe(finding.hint)}`] : []),
  ];
}
