import { TocsinError } from '../../../activities/platform/errors.ts';
import { supplyTemporal } from './supply.ts';

/** `node obtain.js`: makes sure that a Temporal server is there, prints its path, and the progress on standard error. */
async function main(): Promise<void> {
  const begin = Date.now();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  try {
    const binary = await supplyTemporal({ env: process.env, say });
    const seconds = (Date.now() - begin) / 1000;
    if (seconds > 5) say(`Temporal server ${binary.server} ready after ${seconds.toFixed(0)} s`);
    process.stdout.write(`${binary.path}\n`);
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    process.stderr.write(`${error.message}\n${error.hint ?? ''}\n`);
    process.exitCode = 1;
  }
}

void main();
