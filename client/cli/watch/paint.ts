/** Keeps a block of lines at the foot of a terminal while log lines scroll above it. */
export interface Painter {
  /** New log lines, then the block anew. */
  paint(log: readonly string[], block: readonly string[]): void;
  /** Leaves the last block standing. */
  close(): void;
}

const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '');
const clearBelow = '\u001b[0J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

export function makePainter(write: (text: string) => void): Painter {
  let height = 0;
  let open = false;
  return {
    paint: (log, block) => {
      write(`${open ? '' : hideCursor}${up(height)}\r${clearBelow}${[...log, ...block].map((line) => `${line}\n`).join('')}`);
      height = block.length;
      open = true;
    },
    close: () => {
      if (open) write(showCursor);
      open = false;
    },
  };
}
