import { node } from './build.mjs';
import { progress } from './say.mjs';

/** Gets the Temporal server: found, fetched, or built once. The order is the product's own, see worker/services/temporal. */
export async function engine() {
  await told('getting the Temporal server', 'the Temporal server is here', 'worker/services/temporal/obtain.js');
}

/** The jars of the server that lets tests jump over time. */
export async function timeSkipping() {
  await told('getting the time-skipping test server', 'the time-skipping test server is here', 'test/support/obtain-time-skipping.js');
}

async function told(title, after, entry) {
  const bar = progress(title);
  try {
    await node(entry, [], (line) => bar.detail(line));
    bar.quietly(after);
  } catch (error) {
    bar.failed();
    throw error;
  }
}
