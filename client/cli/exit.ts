/** What a script can tell from the exit code; the same for every command. Source: docs/cli.md. */
export const exit = {
  done: 0,
  failed: 1,
  usage: 2,
  warnings: 3,
  login: 4,
  notFound: 5,
  stillRunning: 6,
  waitsForApproval: 7,
  refused: 8,
  unreachable: 9,
  interrupted: 130,
} as const;

/** Codes that do not mean a plain failure. A prefix ends with `-`. */
const byCode: readonly (readonly [string, number])[] = [
  ['E-USAGE', exit.usage],
  ['E-INPUT', exit.usage],
  ['E-TARGET', exit.usage],
  ['E-LOGIN', exit.login],
  ['E-NOT-FOUND', exit.notFound],
  ['E-NO-SITE', exit.notFound],
  ['E-RUNBOOK-UNKNOWN', exit.notFound],
  ['E-RUNBOOK-VERSION', exit.notFound],
  ['E-GUARD', exit.refused],
  ['E-CONFIRM', exit.refused],
  ['E-REFUSED', exit.refused],
  ['E-LOCK', exit.refused],
  ['E-MOVE', exit.refused],
  ['E-INCIDENT-MOVE', exit.refused],
  ['E-FORBIDDEN', exit.login],
  ['E-RECORDS-DOWN', exit.unreachable],
  ['E-STARTING', exit.unreachable],
  ['E-BUSY', exit.unreachable],
  ['E-UNREACHABLE', exit.unreachable],
  ['E-SSH-', exit.unreachable],
  ['E-ENGINE', exit.unreachable],
  ['E-INTERRUPTED', exit.interrupted],
];

/** Exit code of an error's code word; an unknown word is a plain failure. */
export function exitOf(code: string): number {
  const found = byCode.find(([word]) => code === word || code.startsWith(word.endsWith('-') ? word : `${word}-`));
  return found?.[1] ?? exit.failed;
}
