import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The checkout. */
export const root = join(__dirname, '..', '..');

export const sourceFolders = ['workflows', 'activities', 'runbooks', 'worker', 'client', 'bench', 'test', 'scripts'] as const;
const passedOver = new Set(['node_modules', 'dist', '.git', '.tocsin', 'coverage', 'site']);

/** Paths of all files below a folder of the checkout, relative to it, sorted. */
export function filesBelow(folder = '.'): string[] {
  const found: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory() && !passedOver.has(entry.name)) walk(join(directory, entry.name));
      if (entry.isFile()) found.push(relative(root, join(directory, entry.name)));
    }
  };
  walk(join(root, folder));
  return found.sort();
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

export const sources = (): string[] => sourceFolders.flatMap((folder) => filesBelow(folder)).filter((path) => /\.(ts|mjs|js)$/.test(path));

export interface Import {
  readonly from: string;
  /** Path in the checkout, or the package's name. */
  readonly to: string;
  readonly typeOnly: boolean;
  /** Asked for while running, by `import()`: walks in no circle. */
  readonly lazy: boolean;
}

/** Every static and dynamic import of a source file. */
export function importsOf(path: string): Import[] {
  const text = read(path);
  const found: Import[] = [];
  const pattern =
    /^\s*(?:import|export)\s+(type\s+)?[^'"`;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)|\brequire\('([^']+)'\)/gm;
  for (const match of text.matchAll(pattern)) {
    const specifier = match[2] ?? match[3] ?? match[4] ?? match[5] ?? '';
    const to = specifier.startsWith('.') ? relative(root, join(root, path, '..', specifier)) : specifier;
    found.push({ from: path, to, typeOnly: match[1] !== undefined || /\btypeof\s+import\('/.test(match[0]), lazy: match[4] !== undefined });
  }
  return found;
}
