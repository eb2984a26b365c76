import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Preloaded (`--require`) into every thread of the worker. After a burst V8 keeps what it took: hundreds of megabytes of garbage
 * that nothing asks to collect while all runs wait for people. A thread that has nothing to do and holds much more than after its
 * last tidying collects once, within some 0.1 s.
 */
const look_ms = 5_000;
/** Share of the last interval in which the thread worked. */
const idle = 0.05;
const grown_bytes = 24 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void;

let before = performance.eventLoopUtilization();
let kept = getHeapStatistics().total_heap_size;

function look(): void {
  const now = performance.eventLoopUtilization();
  const { utilization } = performance.eventLoopUtilization(now, before);
  before = now;
  const { total_heap_size: held } = getHeapStatistics();
  if (utilization > idle || held - kept < grown_bytes) return;
  collect({ type: 'major', flavor: 'last-resort' });
  kept = getHeapStatistics().total_heap_size;
}

setInterval(look, look_ms).unref();
