import type { Json } from '../../domain/words.ts';

/** One word for a POSIX shell, whatever it holds. A NUL byte cannot be an argument on any system. */
export function shellWord(text: string): string {
  if (text.includes('\0')) throw new Error('a value holds a NUL byte, which no command line can carry');
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A list becomes one word per element, so that `rm -f ${{ inputs.files }}` does what it says. */
export function shellText(value: Json): string {
  return Array.isArray(value) ? value.map((item) => shellWord(plainText(item))).join(' ') : shellWord(plainText(value));
}

/** How a value reads inside a text: strings as they are, `null` as the word, lists and maps as JSON. */
export function plainText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
