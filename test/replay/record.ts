import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stopShared } from '../support/registry.ts';
import { openBench } from '../support/worker.ts';
import { engineVersion } from '../../workflows/core/plan.ts';
import { historyToJson } from './history.ts';
import { scenes } from './scenes.ts';

/**
 * Plays every scene on a real engine and keeps the histories: `node dist/test/replay/record.js`.
 * Run it when a workflow has learnt something new. A file that is there is written anew only with `--again`: an old one is a promise.
 */
async function record(again: boolean): Promise<void> {
  const folder = join(__dirname, '..', '..', '..', 'test', 'replay');
  const bench = await openBench('record');
  try {
    for (const { name, play } of scenes) {
      for (const [file, workflowId] of Object.entries(await play(bench))) {
        const history = await bench.client.workflow.getHandle(workflowId).fetchHistory();
        const path = join(folder, `${file}.v${engineVersion}.json`);
        const text = `${JSON.stringify(historyToJson(history), null, 1)}\n`;
        const said = write(path, text, again) ? 'kept' : 'was there';
        process.stdout.write(`${name}: ${path} ${said} (${history.events?.length ?? 0} events)\n`);
      }
    }
  } finally {
    await bench.close();
    await stopShared();
  }
}

function write(path: string, text: string, again: boolean): boolean {
  try {
    writeFileSync(path, text, { flag: again ? 'w' : 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

void record(process.argv.includes('--again')).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exit(1);
  },
);
