import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

const bundleName = 'workflow-bundle.js';

/** Where the workflows' code is: the bundle made by the build if it is current, else the sources, bundled at start (about 2 s). */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const root = join(__dirname, '..');
  const codePath = join(root, bundleName);
  const workflows = join(root, 'workflows');
  if (existsSync(codePath) && statSync(codePath).mtimeMs >= newest(workflows)) return { workflowBundle: { codePath } };
  return { workflowsPath: existsSync(join(workflows, 'index.js')) ? join(workflows, 'index.js') : join(workflows, 'index.ts') };
}

function newest(directory: string): number {
  let found = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    found = Math.max(found, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return found;
}

/** Bundles the workflows beside the compiled program. */
export async function buildBundle(): Promise<string> {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const root = join(__dirname, '..');
  const { code } = await bundleWorkflowCode({ workflowsPath: join(root, 'workflows', 'index.js') });
  const file = join(root, bundleName);
  writeFileSync(file, code);
  return file;
}

if (require.main === module) {
  void buildBundle().then((file) => process.stdout.write(`${file}\n`));
}
