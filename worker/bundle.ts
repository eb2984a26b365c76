import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';

const bundleName = 'workflow-bundle.js';

/**
 * Code that every run shares instead of loading it again: the pure machines and the expressions, without any state of a run.
 * A cached run costs about a third of what it costs otherwise (measured, `npm run bench -- waiting`).
 */
export function sharedModules(root: string): string[] {
  return ['machine', 'incident'].map((name) => require.resolve(join(root, 'workflows', 'core', name)));
}

/** Where the workflows' code is: the bundle made by the build if it is current, else the sources, bundled at start (about 2 s). */
export function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'bundlerOptions'> {
  const root = join(__dirname, '..');
  const codePath = join(root, bundleName);
  const workflows = join(root, 'workflows');
  if (existsSync(codePath) && statSync(codePath).mtimeMs >= newest(workflows)) return { workflowBundle: { codePath } };
  return { workflowsPath: require.resolve(join(workflows, 'index')), bundlerOptions: { preloadModules: sharedModules(root) } };
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
  const { code } = await bundleWorkflowCode({ workflowsPath: join(root, 'workflows', 'index.js'), preloadModules: sharedModules(root) });
  const file = join(root, bundleName);
  writeFileSync(file, withoutSources(code));
  return file;
}

/** The texts of the sources go out of the inline map: traces need names and lines alone, and each thread of the worker keeps the map. */
export function withoutSources(code: string): string {
  const comment = code.lastIndexOf('//# sourceMappingURL=data:');
  const from = code.indexOf('base64,', comment) + 'base64,'.length;
  if (comment < 0 || from < comment) return code;
  const map = JSON.parse(Buffer.from(code.slice(from), 'base64').toString('utf8')) as { sourcesContent?: unknown };
  delete map.sourcesContent;
  return `${code.slice(0, from)}${Buffer.from(JSON.stringify(map)).toString('base64')}\n`;
}

if (require.main === module) {
  void buildBundle().then((file) => process.stdout.write(`${file}\n`));
}
