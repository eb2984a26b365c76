import { z } from 'zod';

/** A value that is still to be filled in when the file is checked, and is of the right type when a hand sees it. */
const template = z.string().regex(/\$\{\{/, 'is neither a value of the right type nor a ${{ }} expression');

/** `shape`, or an expression that will give it. */
export function written<T extends z.ZodType>(shape: T) {
  return z.union([shape, template]);
}

/** Any text without a NUL byte: the one that no argument, header or query can carry. */
export const text = z.string().refine((value) => !value.includes('\0'), 'holds a NUL byte');
