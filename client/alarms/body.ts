import { TocsinError } from '../../activities/platform/errors.ts';
import type { Json } from '../../workflows/domain/words.ts';
import { limits } from './limits.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON of a request, refused before it can hurt.
 * @throws TocsinError `E-ALARM-ENCODING`, `E-ALARM-DEEP`, `E-ALARM-JSON`
 */
export function readBody(body: Uint8Array): Json {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    throw new TocsinError('reading the alarm: the body is not valid UTF-8', { code: 'E-ALARM-ENCODING', hint: 'Send JSON in UTF-8.' });
  }
  const depth = depthOf(text);
  if (depth > limits.depth)
    throw new TocsinError(`reading the alarm: its JSON is nested ${depth} levels deep, at most ${limits.depth} are read`, {
      code: 'E-ALARM-DEEP',
      hint: 'Send labels as a flat map of strings.',
    });
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new TocsinError(`reading the alarm: the body is not JSON: ${(error as Error).message.slice(0, 200)}`, {
      code: 'E-ALARM-JSON',
      hint: 'Send one JSON object, or an array of them, and check the quotes and commas.',
    });
  }
}

/** Deepest nesting of brackets outside of strings; one pass, no recursion. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (quoted) {
      if (char === 0x5c) i += 1;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x5b || char === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
  return deepest;
}
