import type { Severity } from '../../workflows/domain/words.ts';

const words: Readonly<Record<'fatal' | 'severe', readonly string[]>> = {
  fatal: ['fatal', 'critical', 'crit', 'page', 'emergency', 'emerg', 'disaster', 'p1', 'sev1'],
  severe: ['severe', 'major', 'error', 'err', 'high', 'warning', 'warn', 'average', 'p2', 'sev2'],
};

/** Our severity for the sender's word; a word nobody knows is `general`, never lost. */
export function severityOf(word: string | null): Severity {
  const plain = word?.trim().toLowerCase() ?? '';
  if (words.fatal.includes(plain)) return 'fatal';
  if (words.severe.includes(plain)) return 'severe';
  return 'general';
}
