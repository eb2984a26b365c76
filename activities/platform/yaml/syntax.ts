import type { Flaw } from './document.ts';

const words: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  TAB_AS_INDENT: ['a tab is used as indentation', 'indent with spaces'],
  BAD_ALIAS: ['a text begins with *', 'quote it'],
  BAD_SCALAR_START: ['a text begins with a reserved character', 'quote it: "@…", "`…"'],
  MISSING_CHAR: ['a quote or bracket is never closed', "close it; a quote inside a text is written twice '' or escaped \\\""],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second ": " stands on the same line, or the indentation is wrong',
    'quote the text, or put the inner map on its own lines',
  ],
  BAD_INDENT: ['a bracket is never closed, or the indentation is wrong', 'close it, and indent what is inside'],
  MULTILINE_IMPLICIT_KEY: ['a key must stand on one line', 'check the indentation of this line'],
};

const flowTrap = 'inside { } an expression with [ ] { } , ? or : must be quoted, or written on its own line below the key';

/** The parser's complaint in our words. A broken line with a flow map is nearly always an expression without quotes. */
export function syntaxFlaw(
  text: string,
  error: { readonly code: string; readonly message: string },
  place: { readonly line: number; readonly col: number },
): Flaw {
  const line = text.split('\n')[place.line - 1] ?? '';
  const [message, hint] = words[error.code] ?? [
    error.message
      .split('\n')[0]!
      .replace(/ at line \d+.*$/, '')
      .toLowerCase(),
    'check brackets, quotes and indentation of this line',
  ];
  const trap = /\{[^{}]*\b(expect|when|until|match|where|pick)\s*:/.test(line);
  return {
    line: place.line,
    column: place.col,
    code: trap ? 'E-YAML-FLOW' : 'E-YAML-SYNTAX',
    message: trap ? `the flow map is broken by an expression: ${message}` : message,
    hint: trap ? flowTrap : hint,
  };
}
