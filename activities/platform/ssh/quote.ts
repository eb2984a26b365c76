import { TocsinError } from '../errors.ts';

/** One word for a POSIX shell; nothing inside is special. Only for text that `sh` itself reads, never for a login shell. */
export function quote(word: string): string {
  if (word.includes('\0')) {
    throw new TocsinError(`Send the argument "${word.replaceAll('\0', '\\0').slice(0, 60)}": it holds a NUL, which no program can take`, {
      code: 'E-SSH-NUL',
      hint: 'Send binary data as stdin',
    });
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** `export A='…' B='…'`, or `''`. */
export function exportLine(env: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(env);
  for (const [name] of pairs) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    throw new TocsinError(`Set the environment variable "${name}": not a valid name`, {
      code: 'E-SSH-ENV',
      hint: 'Use letters, digits and _, not beginning with a digit',
    });
  }
  return pairs.length === 0 ? '' : `export ${pairs.map(([name, value]) => `${name}=${quote(value)}`).join(' ')}`;
}

/** A command that prints exactly these bytes, built into every shell: `printf %b` with all that is not plain ASCII as octal. */
export function printBytes(bytes: Buffer): string {
  const text = bytes
    .toString('latin1')
    .replace(/[^\n\x20-\x26\x28-\x5b\x5d-\x7e]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `printf '%b' '${text}'`;
}
