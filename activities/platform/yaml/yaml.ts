/** Safe YAML: bounded, parsed in a child process, YAML 1.2 only, duplicates and aliases refused, every key with its place. */
import { readFile, stat } from 'node:fs/promises';
import type { Document, Flaw } from './document.ts';
import { limits } from './limits.ts';
import { parseInChild } from './parser.ts';
import { decode, isHarmless, scan } from './scan.ts';
import { readTree } from './tree.ts';

export { placeOf } from './document.ts';
export type { Document, Flaw, Path, Place } from './document.ts';

export interface YamlOptions {
  /** The operator's own file (`site.yaml`): when small and flat it is read in this process, which saves the start of a child. */
  readonly own?: boolean;
}

/** Parses one text. What is wrong with it stands in `flaws`; only a parser that cannot be started throws. */
export async function parseYaml(text: string | Uint8Array, { own = false }: YamlOptions = {}): Promise<Document> {
  const decoded = decode(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  if ('flaw' in decoded) return failed(decoded.flaw);
  const flaw = scan(decoded.text);
  if (flaw !== null) return failed(flaw);
  return own && isHarmless(decoded.text) ? readTree(decoded.text) : parseInChild(decoded.text);
}

/** Reads and parses a file. An absent or unreadable file is a flaw too (`E-FILE`). The size is looked at before the content. */
export async function readYaml(file: string, options: YamlOptions = {}): Promise<Document> {
  try {
    const { size } = await stat(file);
    if (size > limits.bytes)
      return failed({
        line: 1,
        column: 1,
        code: 'E-YAML-SIZE',
        message: `the file has ${size} bytes, the limit is ${limits.bytes}`,
        hint: 'split it into several files',
      });
    return await parseYaml(await readFile(file), options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return failed({
      line: 1,
      column: 1,
      code: 'E-FILE',
      message: code === 'ENOENT' ? 'the file does not exist' : `the file cannot be read: ${message}`,
      hint: 'check the path and its permissions',
    });
  }
}

function failed(flaw: Flaw): Document {
  return { value: null, places: {}, flaws: [flaw] };
}
