// What each npm script needs, and which compiled program then runs.
import { check } from './check.mjs';
import { format } from './format.mjs';
import { start } from './start.mjs';
import { test } from './test.mjs';

const everything = () => ({ debian: 'lab', build: true, engine: true });

/** `needs`: what must stand first; then `entry` (below dist) is run by the pinned Node, or `act` here. */
export const targets = {
  setup: { needs: everything },
  build: { needs: () => ({ build: true }) },
  lint: { needs: () => ({}), act: check },
  format: { needs: () => ({}), act: format },
  test: { needs: () => ({ debian: 'test', build: true, engine: true, timeSkipping: true }), act: test },
  start: { needs: () => ({ debian: 'platform', build: true, engine: true }), act: start },
  demo: { needs: everything, entry: 'test/demo/main.js' },
  bench: { needs: () => ({ debian: 'bench', build: true, engine: true }), entry: 'bench/main.js' },
  chaos: { needs: everything, entry: 'test/chaos/main.js' },
  tocsin: { needs: () => ({ build: true }), entry: 'client/cli/main.js' },
};
