import { chmodSync, mkdtempSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDirectory } from './registry.ts';

/** A folder of this test's own, gone at the end of the run; open to other accounts, as the records' and the lab's are. */
export function testFolder(name = 'test'): string {
  const folder = realpathSync(mkdtempSync(join(sharedDirectory(), `${name}-`)));
  chmodSync(folder, 0o755);
  return folder;
}
