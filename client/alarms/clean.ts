import { limits } from './limits.ts';

// CSI, OSC (with BEL or ST) and two-byte escapes.
const ansi = /[\u001b\u009b](?:\][^\u0007\u001b]{0,2000}(?:\u0007|\u001b\\)|\[?[0-9;:<=>?]*[ -/]*[@-~])/g;
// Controls, line and paragraph separators, and marks that turn the direction of what follows.
const hidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const hiddenButLines = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** For identity and matching: nothing is dropped, what cannot be seen becomes `\u001b`. */
export function escapeLine(text: string, max: number = limits.value_chars): string {
  return cut(
    wellFormed(text).replace(hidden, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
    max,
  );
}

/** For reading: colours and controls go, line breaks stay. */
export function cleanText(text: string, max: number = limits.value_chars): string {
  return cut(wellFormed(text).replace(ansi, '').replace(hiddenButLines, ''), max);
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}
