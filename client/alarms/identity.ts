import { createHash } from 'node:crypto';

/** Identity for senders that give none: 16 hex of name and sorted labels; `severity` may change while it is the same alarm. */
export function identityOf(name: string, labels: { readonly [key: string]: string }): string {
  const sorted = Object.entries(labels)
    .filter(([key]) => key !== 'severity')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([name, sorted]))
    .digest('hex')
    .slice(0, 16);
}
