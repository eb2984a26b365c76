import { cut, pad, safe, width } from './safe.ts';

/** Columns as wide as their widest cell; the last one takes what is left of the line. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[], columns: number): string[] {
  const cells = [head, ...rows.map((row) => row.map(safe))];
  const widths = head.map((_, index) => Math.max(...cells.map((row) => width(row[index] ?? ''))));
  return cells.map((row) => line(row, widths, columns));
}

function line(row: readonly string[], widths: readonly number[], columns: number): string {
  let text = '';
  for (const [index, cell] of row.entries()) {
    const last = index === row.length - 1;
    text += last ? cut(cell, Math.max(20, columns - width(text))) : `${pad(cell, widths[index] ?? 0)}  `;
  }
  return text.trimEnd();
}
