import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node, type Pair, type Scalar } from 'yaml';
import type { Json } from '../../../workflows/domain/words.ts';
import { pointer, type Document, type Flaw, type Path, type Place } from './document.ts';
import { limits } from './limits.ts';
import { syntaxFlaw } from './syntax.ts';

interface Reader {
  readonly lines: LineCounter;
  readonly places: Record<string, Place>;
  readonly flaws: Flaw[];
  keys: number;
}

/** Parses YAML 1.2 into plain JSON and the place of every key. Runs in the child only. */
export function readTree(text: string): Document {
  const lines = new LineCounter();
  // Duplicates are looked for below: the library's own check is quadratic (50,000 keys took 82 s).
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    strict: true,
    lineCounter: lines,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const reader: Reader = { lines, places: {}, flaws: [], keys: 0 };
  const [first, second] = documents;
  if (second !== undefined)
    reader.flaws.push(
      flaw(
        reader,
        second.range?.[0] ?? 0,
        'E-YAML-DOCUMENTS',
        'the file holds more than one document',
        'keep one document per file: remove the line ---',
      ),
    );
  const error = documents.flatMap((document) => document.errors)[0];
  if (error !== undefined) reader.flaws.push(syntaxFlaw(text, error, lines.linePos(error.pos[0])));
  if (first === undefined || reader.flaws.length > 0) return { value: null, places: {}, flaws: reader.flaws };
  const value = first.contents === null ? null : read(first.contents, [], reader);
  return reader.flaws.length > 0
    ? { value: null, places: reader.places, flaws: reader.flaws }
    : { value, places: reader.places, flaws: [] };
}

function read(node: Node, path: Path, reader: Reader): Json {
  const offset = node.range?.[0] ?? 0;
  if (path.length > limits.depth)
    return complain(reader, offset, 'E-YAML-DEPTH', `the text is nested deeper than ${limits.depth}`, 'flatten it');
  if (isAlias(node) || ('anchor' in node && node.anchor !== undefined)) {
    return complain(
      reader,
      offset,
      'E-YAML-ALIAS',
      'anchors (&) and aliases (*) are not read',
      'write the value out where it is used, or quote the text',
    );
  }
  if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) {
    return complain(reader, offset, 'E-YAML-TAG', `the tag ${node.tag} is not read`, 'write the plain value');
  }
  if (isMap(node)) return readMap(node.items as Pair<Node, Node | null>[], node.flow === true, path, reader);
  if (isSeq(node)) return (node.items as Node[]).map((item, index) => readItem(item, [...path, index], reader));
  return readScalar(node as Scalar, reader);
}

function readItem(item: Node, path: Path, reader: Reader): Json {
  reader.places[pointer(path)] = at(reader, item.range?.[0] ?? 0, { plain: isPlain(item) });
  return read(item, path, reader);
}

function readMap(pairs: Pair<Node, Node | null>[], flow: boolean, path: Path, reader: Reader): Json {
  const out: { [key: string]: Json } = {};
  for (const { key, value } of pairs) {
    const offset = key?.range?.[0] ?? 0;
    if (++reader.keys > limits.keys)
      return reader.flaws.length > 0
        ? null
        : complain(reader, offset, 'E-YAML-KEYS', `the file has more than ${limits.keys} keys`, 'split it into several files');
    const name = keyName(key);
    if (name === null) {
      complain(
        reader,
        offset,
        'E-YAML-KEY',
        'a key must be a plain word',
        'write key: value; a text that begins with "? " or holds brackets belongs into quotes',
      );
      continue;
    }
    if (Object.hasOwn(out, name)) {
      complain(reader, offset, 'E-YAML-DUPLICATE', `the key "${name}" stands twice in the same map`, 'remove one of them');
      continue;
    }
    const inner = [...path, name];
    const bare = value === null || (isScalar(value) && value.value === null && (value.source ?? '') === '');
    reader.places[pointer(inner)] = at(reader, offset, { flow, bare, plain: value !== null && isPlain(value) });
    // Defined, not assigned: `__proto__` is a key like any other.
    Object.defineProperty(out, name, {
      value: value === null ? null : read(value, inner, reader),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return out;
}

function keyName(key: Node | null): string | null {
  if (!isScalar(key) || key.value === null) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function readScalar(node: Scalar, reader: Reader): Json {
  const { value } = node;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  const exact = typeof value === 'number' && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (exact) return value;
  return complain(reader, node.range?.[0] ?? 0, 'E-YAML-NUMBER', `the number ${node.source} cannot be kept exactly`, 'write it in quotes');
}

function isPlain(node: Node): boolean {
  return isScalar(node) && node.type === 'PLAIN';
}

function at(reader: Reader, offset: number, flags: { flow?: boolean; bare?: boolean; plain?: boolean }): Place {
  const { line, col } = reader.lines.linePos(offset);
  return { line, column: col, ...(flags.flow && { flow: true }), ...(flags.bare && { bare: true }), ...(flags.plain && { plain: true }) };
}

function flaw(reader: Reader, offset: number, code: string, message: string, hint: string): Flaw {
  const { line, column } = at(reader, offset, {});
  return { line, column, code, message, hint };
}

function complain(reader: Reader, offset: number, code: string, message: string, hint: string): null {
  reader.flaws.push(flaw(reader, offset, code, message, hint));
  return null;
}
