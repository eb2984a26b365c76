import { timeSkippingServer } from './time-skipping.ts';

/** Run by the set-up before the tests, so that no test waits for Maven. */
timeSkippingServer((line) => process.stderr.write(`${line}\n`)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
