/** Text as HTML text or attribute value. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Text as Markdown text in one line, also inside a table cell: no mark-up, no link, no new line, no HTML. Plain words stay as they are. */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/[\r\n\u2028\u2029]+/g, ' ')
      .replace(/[\\`*[\]|~$]/g, '\\$&')
      // Inside a word an underscore marks nothing up.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // A bare address would become a link in many readers.
      .replace(/:\/\//g, ':&#47;&#47;')
      .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}&#46;`)
      .replace(/^(\s*)([#+=-])/, '$1\\$2')
      .replace(/^(\s*\d+)([.)])/, '$1\\$2')
  );
}

/** Without control characters but tab and line feed: ANSI codes of an alarm must not colour a terminal. */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
}
