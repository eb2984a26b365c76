import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TocsinError } from '../errors.ts';
import { starterFiles } from './starter.ts';

/**
 * Writes a site to start from: commented files, one runbook with its test, tokens in files that only their owner can read.
 * @returns the files written, relative to the folder
 * @throws TocsinError `E-INIT` when the folder already holds something
 */
export async function initSite(folder: string): Promise<readonly string[]> {
  const root = path.resolve(folder);
  await mkdir(root, { recursive: true });
  const there = (await readdir(root)).filter((name) => !name.startsWith('.'));
  if (there.length > 0)
    throw new TocsinError(`cannot begin a site in "${folder}": the folder already holds ${there.slice(0, 3).join(', ')}`, {
      code: 'E-INIT',
      hint: 'choose an empty folder',
    });
  const files = starterFiles(nameOf(root));
  for (const [name, content] of Object.entries(files)) await write(root, name, content, 0o644);
  for (const token of ['operator', 'alertmanager', 'generic'])
    await write(root, `secrets/${token}.token`, `toc_${randomBytes(32).toString('base64url')}\n`, 0o600);
  return [...Object.keys(files), ...['operator', 'alertmanager', 'generic'].map((token) => `secrets/${token}.token`)];
}

async function write(root: string, name: string, content: string, mode: number): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true, mode: mode === 0o600 ? 0o700 : 0o755 });
  await writeFile(file, content, { mode, flag: 'wx' });
}

function nameOf(root: string): string {
  return (
    path
      .basename(root)
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '') || 'site'
  );
}
