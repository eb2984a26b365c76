import type { WorkerOptions } from '@temporalio/worker';

/** How a worker is set up, whoever makes it: the product, its benches and its tests. */
export const tuning = {
  // After a worker's death its runs wait this long for it before another one may take them; the default is 10 s.
  stickyQueueScheduleToStartTimeout: '2s',
  // A deploy must not break what runs on hosts: acts are handed over or finished first.
  shutdownGraceTime: '30s',
  shutdownForceTime: '36s',
  maxConcurrentActivityTaskExecutions: 200,
  maxConcurrentWorkflowTaskExecutions: 40,
  // A run that waits costs about 0.4 MB while it is kept; one that was let go is read again in some 20 ms.
  maxCachedWorkflows: 300,
} satisfies Partial<WorkerOptions>;
