/** Every workflow the worker knows, by type name. Nothing else is exported from here. */
export { incident } from './incident.ts';
export { lock } from './lock.ts';
export { runRunbook } from './run-runbook.ts';
export { scheduledRun } from './scheduled-run.ts';
