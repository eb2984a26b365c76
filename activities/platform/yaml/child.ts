/** The process that parses: it may hang, run out of memory or crash, and is then replaced. Speaks over IPC only. */
import type { Document } from './document.ts';
import { readTree } from './tree.ts';

function answer(text: string): Document {
  try {
    return readTree(text);
  } catch (error) {
    const deep = error instanceof RangeError;
    const message = deep ? 'the text is nested too deep' : `the text cannot be read: ${(error as Error).message}`;
    return {
      value: null,
      places: {},
      flaws: [{ line: 1, column: 1, code: deep ? 'E-YAML-DEPTH' : 'E-YAML-SYNTAX', message, hint: deep ? 'flatten it' : null }],
    };
  }
}

process.on('message', (message: { readonly id: number; readonly text: string }) => {
  process.send?.({ id: message.id, document: answer(message.text) });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
