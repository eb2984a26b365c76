/** What an expression was asked and why it has no answer. Plain: the sandbox knows no other family of errors. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** `E-EXPR-SYNTAX` cannot be read · `E-EXPR-MISSING` a name has no value · `E-EXPR-TYPE` values do not fit · `E-EXPR-SECRET` · `E-EXPR-LIMIT`. */
  readonly code: string;
  readonly expression: string;
  /** What to do next, one sentence. */
  readonly hint: string | null;
  /** 1-based place within the expression, where the parser knows it. */
  readonly column: number | null;

  constructor(
    message: string,
    options: { readonly code: string; readonly expression: string; readonly hint?: string | null; readonly column?: number | null },
  ) {
    super(message);
    this.code = options.code;
    this.expression = options.expression;
    this.hint = options.hint ?? null;
    this.column = options.column ?? null;
  }
}

/** The expression as shown in a message: one line, cut at 160 characters. */
export function quoted(expression: string): string {
  const line = expression.replace(/\s+/g, ' ').trim();
  return `"${line.length > 160 ? `${line.slice(0, 157)}...` : line}"`;
}
